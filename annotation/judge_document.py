"""The cards of a stage's judges as one document: what the page, the command and the API show."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, get_args

from django.core.exceptions import ValidationError
from django.db.models import Count

from annotation.agreement.answers import Answer
from annotation.agreement.units import UnitFacts, facts_of
from annotation.given_answers import GivenAnswers
from annotation.judge_cards.card import Subject, card_of
from annotation.judge_cards.estimates import LEVEL, RESAMPLES, Clusters
from annotation.judge_cards.people import Reference, people_of
from annotation.judged_units import judged_units
from annotation.models import Judgment, Rater
from annotation.queries import (
    asked_of_models,
    comparable_versions,
    question_measured,
    question_of,
    rubric_in_force,
)
from annotation.rubrics.document import Question
from studies.models import Study

Row: TypeAlias = dict[str, Any]
View: TypeAlias = tuple[str, str]
"""A rater's ref and an arm."""

NOT_KEPT = "unknown"
"""Why a judgment is unusable where its call is not known, as of an import."""
OUT_OF_SCALE = "out_of_scale"
"""Readable, and not an answer to the question."""


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
        facts, given = judged_units(study, stage), GivenAnswers(study, stage)
        clusters = Clusters([each.person for each in facts.values()])
        for one in asked:
            _add_cards(judges, _answers(given, study, stage, one), one, facts, clusters, reference)
    return {
        "study": study.slug,
        "stage": stage,
        "reference": reference,
        "resamples": RESAMPLES,
        "level": LEVEL,
        "questions": [_question_row(study, one) for one in asked],
        "judges": list(judges.values()),
    }


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


def _answers(given: GivenAnswers, study: Study, stage: str, question: Question) -> list[Answer]:
    return list(given.to(question.key, comparable_versions(study, stage, question)))


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


class _Known(dict[str, UnitFacts]):
    """Facts by unit; a unit `item/attribute` has its item's person and no response."""

    def __missing__(self, unit: str) -> UnitFacts:
        return facts_of(self, unit)
