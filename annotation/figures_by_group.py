"""Agreement by what people answered to a question of the survey: as good for everybody?"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError

from annotation.agreement.answers import Answer
from annotation.agreement.survey_groups import LEAST, shown_groups
from annotation.agreement.units import Facts, facts_of
from studies.models import Participant, Study
from studies.survey import WITHHELD, Question, survey_of

Row: TypeAlias = dict[str, Any]
NOT_TOLD = ""
"""The group of those who did not answer, or would rather not say."""
KEPT = (
    "items",
    "no_reference",
    "added_answers",
    "alpha",
    "alpha_of",
    "fleiss_kappa",
    "fleiss_of",
    "intervals",
    "groups",
)
GAPS = ("undefined", "no_interval")


def grouping_questions(study: Study) -> list[Question]:
    """Those of the survey with one answer of a few."""
    return [question for question in survey_of(study) if question.kind == "choice"]


def figures_by_group(
    study: Study,
    by: str,
    facts: Facts,
    answers: Sequence[Answer],
    document: Callable[[list[Answer]], Row],
) -> Row:
    """The figures of each group of the people whom items are about, where it is large enough.

    `document` makes the figures of some of the answers. What is about nobody is in no group.
    """
    question = _question(study, by)
    group_of = _groups(study, question)
    persons = {facts_of(facts, answer.unit).person for answer in answers} & set(group_of)
    sizes = Counter(group_of[person] for person in persons)
    shown = [group for group in [*question.values, NOT_TOLD] if group in shown_groups(sizes)]
    members: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        members[group_of.get(facts_of(facts, answer.unit).person, "-")].append(answer)
    return {
        "question": by,
        "least": LEAST,
        "held_back": len(set(sizes) - set(shown)),
        "groups": [
            {"group": group, "persons": sizes[group], **_kept(document(members[group]))}
            for group in shown
        ],
    }


def _question(study: Study, by: str) -> Question:
    known = {question.key: question for question in grouping_questions(study)}
    if by not in known:
        there = ", ".join(known) or "none"
        raise ValidationError(
            f"The survey has no choice “{by}” to group people by; it has: {there}."
        )
    return known[by]


def _groups(study: Study, question: Question) -> Mapping[str, str]:
    """By person's id, what they answered."""
    traits = Participant.objects.filter(study=study).values_list("pk", "traits")
    answers = ((str(pk), (each or {}).get(question.key)) for pk, each in traits.iterator())
    return {
        person: answer if answer in question.values and answer != WITHHELD else NOT_TOLD
        for person, answer in answers
    }


def _kept(document: Row) -> Row:
    """What is told of a group: of raters only the models, as people's rows would name few."""
    models = [row for row in document["raters"] if row["role"] == "llm"]
    told = {f"{name} of {row['rater']}" for row in models for name in row}
    told |= {f"{name} of the group {row['group']}" for row in document["groups"] for name in row}
    gaps = {key: [gap for gap in document[key] if _is_told(gap["figure"], told)] for key in GAPS}
    return {key: document[key] for key in KEPT} | gaps | {"raters": models}


def _is_told(figure: str, told: Collection[str]) -> bool:
    """Is it the whole group's, or a figure of what is told? Else it may name a person."""
    return " of " not in figure or figure in told
