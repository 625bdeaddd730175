"""The cards of a stage's judges as one document: what the page, the command and the API show."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, get_args

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.db.models.functions import Length

from annotation.agreement.answers import Answer
from annotation.agreement.units import ResponseFacts, UnitFacts
from annotation.choices import Stage
from annotation.judge_cards.card import Subject, card_of
from annotation.judge_cards.estimates import LEVEL, RESAMPLES, Clusters
from annotation.judge_cards.people import Reference, people_of
from annotation.models import Item, Judgment, Rater
from annotation.queries import (
    answers_to,
    comparable_versions,
    measured_questions,
    question_measured,
    question_of,
    rubric_in_force,
)
from annotation.rubrics.document import Question
from generation.models import GivenAttribute, GivenTurn, Response
from studies.models import Study

Row: TypeAlias = dict[str, Any]
View: TypeAlias = tuple[str, str]
"""A rater's ref and an arm."""

NOT_KEPT = "unknown"
"""Why a judgment is unusable where its call is not known, as of an import."""
OUT_OF_SCALE = "out_of_scale"
"""Readable, and not an answer to the question."""
PERSONS = ("attribute", "prompt", "first", "second", "conversation")
CHUNK = 5_000


def judge_cards(
    *, study: Study, stage: str, judge: str = "", question: str = "", reference: str = "majority"
) -> Row:
    """The cards of all judges of a stage, or of one by its name or its rater's ref.

    Each has a card per question that can be measured and is asked of models, or for one question.
    `reference`: majority (of people) or owner. Raises ValidationError with a sentence.
    """
    rubric = rubric_in_force(study, stage)
    if reference not in get_args(Reference):
        raise ValidationError(f"The reference is one of {', '.join(get_args(Reference))}.")
    asked = [question_of(rubric, question)] if question else asked_of_models(study, stage)
    judges = _judges(study, stage, judge)
    if judges:
        facts = _facts(study, stage)
        clusters = Clusters([each.person for each in facts.values()])
        for one in asked:
            _add_cards(judges, _answers(study, stage, one), one, facts, clusters, reference)
    return {
        "study": study.slug,
        "stage": stage,
        "reference": reference,
        "resamples": RESAMPLES,
        "level": LEVEL,
        "questions": [_question_row(study, one) for one in asked],
        "judges": list(judges.values()),
    }


def asked_of_models(study: Study, stage: str) -> list[Question]:
    """The stage's questions that can be measured and are asked of models, in its order."""
    rubric = rubric_in_force(study, stage)
    return [one for one in measured_questions(rubric) if one.is_asked_of("llm")]


def _question_row(study: Study, question: Question) -> Row:
    wording = question.worded("llm", study.languages[0])
    return {"question": question.key, "scale": question.scale, "wording": wording}


# -- The judges ------------------------------------------------------------------


def _judges(study: Study, stage: str, judge: str) -> dict[View, Row]:
    """Each judge in each arm that has judged at this stage, as its row without cards."""
    given = Judgment.objects.filter(study=study, stage=stage, rater__kind=Rater.Kind.LLM)
    counts = given.order_by("rater__ref", "arm").values_list("rater__ref", "arm")
    raters = {rater.ref: rater for rater in Rater.objects.filter(study=study, kind=Rater.Kind.LLM)}
    faults = _faults(study, stage)
    found = {
        (ref, arm): _judge_row(raters[ref], arm, n, faults.get((ref, arm), []))
        for ref, arm, n in counts.annotate(n=Count("pk"))
        if not judge or judge in (ref, name_of(ref))
    }
    if judge and not found:
        known = ", ".join(
            dict.fromkeys(name_of(ref) for ref, _, _ in counts.annotate(n=Count("pk")))
        )
        raise ValidationError(f"No judge “{judge}” has judged here; there is: {known or 'none'}.")
    return found


def name_of(ref: str) -> str:
    """The judge's name in the study document, of a ref `llm:NAME:DIGEST`; else the ref."""
    kind, _, rest = ref.partition(":")
    name = rest.rpartition(":")[0]
    return name if kind == "llm" and name else ref


def _judge_row(rater: Rater, arm: str, judgments: int, faults: list[Row]) -> Row:
    return {
        "judge": name_of(rater.ref),
        "rater": rater.ref,
        "arm": arm,
        "model": rater.model,
        "prompt_version": rater.prompt_version,
        "parameters": rater.parameters,
        "judgments": judgments,
        "unusable": sum(row["n"] for row in faults),
        "unusable_by_reason": faults,
        "cards": [],
    }


def _faults(study: Study, stage: str) -> dict[View, list[Row]]:
    """Why judgments are unusable, the most frequent reason first."""
    unusable = Judgment.objects.filter(
        study=study, stage=stage, rater__kind=Rater.Kind.LLM, is_usable=False
    )
    rows = unusable.order_by().values_list("rater__ref", "arm", "call__outcome")
    counts: dict[View, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for ref, arm, outcome, n in rows.annotate(n=Count("pk")):
        reason = {None: NOT_KEPT, "": NOT_KEPT, "ok": OUT_OF_SCALE}.get(outcome, outcome)
        counts[ref, arm][reason] += n
    return {
        view: [
            {"reason": reason, "n": n}
            for reason, n in sorted(by_reason.items(), key=lambda row: (-row[1], row[0]))
        ]
        for view, by_reason in counts.items()
    }


# -- Their cards -----------------------------------------------------------------


def _answers(study: Study, stage: str, question: Question) -> list[Answer]:
    versions = comparable_versions(study, stage, question)
    return list(answers_to(study, stage, question.key, versions))


def _add_cards(
    judges: Mapping[View, Row],
    answers: Sequence[Answer],
    question: Question,
    facts: Mapping[str, UnitFacts],
    clusters: Clusters,
    reference: Any,
) -> None:
    """To each judge who answered the question at all."""
    measured = question_measured(question)
    people = people_of(measured, answers, reference)
    subject = Subject(measured, _Known(facts), clusters, people)
    by_view: dict[View, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.kind == "llm" and (answer.value is not None or not answer.usable):
            by_view[answer.rater, answer.arm].append(answer)
    for view, judge in judges.items():
        if by_view[view]:
            card = card_of(subject, by_view[view], judge["model"])
            judge["cards"].append({"question": question.key, **card})


# -- What is judged ----------------------------------------------------------------


class _Known(dict[str, UnitFacts]):
    """Facts by unit; a unit `item/attribute` has its item's person and no response."""

    def __missing__(self, unit: str) -> UnitFacts:
        item = self[unit.partition("/")[0]]
        return UnitFacts(person=item.person)


def _facts(study: Study, stage: str) -> dict[str, UnitFacts]:
    """By item, and by item and response; four queries."""
    responses = _responses(study) if stage == Stage.RESPONSE else {}
    persons = [f"{name}__participant" for name in PERSONS]
    rows = Item.objects.filter(study=study, stage=stage)
    found: dict[str, UnitFacts] = {}
    for ref, one, other, *about in rows.values_list("ref", "first", "second", *persons).iterator(
        chunk_size=CHUNK
    ):
        known = next((str(person) for person in about if person), None)
        person = known or f"item {ref}"
        shown = {pk: responses[pk] for pk in (one, other) if pk in responses}
        facts = [response for _, response in shown.values()]
        found[ref] = UnitFacts(person, *facts)
        for name, response in shown.values():
            found[f"{ref}/{name}"] = UnitFacts(person, response)
    return found


def _responses(study: Study) -> dict[Any, tuple[str, ResponseFacts]]:
    mentions = _mentions(study)
    rows = Response.objects.filter(study=study).annotate(length=Length("text"))
    return {
        pk: (ref, ResponseFacts(length, mentions.get(pk, None if summed_up else False), model))
        for pk, ref, model, length, summed_up in rows.values_list(
            "pk", "ref", "model", "length", "profile"
        ).iterator(chunk_size=CHUNK)
    }


def _mentions(study: Study) -> dict[Any, bool | None]:
    """By response that was given something: whether it says any of it outright.

    None where that is not known, as of turns and of what nobody looked for.
    """
    seen: dict[Any, set[bool | None]] = defaultdict(set)
    for response, is_mentioned in _given(study):
        seen[response].add(is_mentioned)
    return {
        response: True if True in each else None if None in each else False
        for response, each in seen.items()
    }


def _given(study: Study) -> Iterator[tuple[Any, bool | None]]:
    attributes = GivenAttribute.objects.filter(response__study=study).order_by()
    yield from attributes.values_list("response", "is_mentioned").iterator(chunk_size=CHUNK)
    turns = GivenTurn.objects.filter(response__study=study).order_by()
    for response in turns.values_list("response", flat=True).distinct().iterator(chunk_size=CHUNK):
        yield response, None
