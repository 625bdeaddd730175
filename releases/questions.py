"""The questions that a study's raters were asked, over all versions of its rubrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotation.choices import Stage
from annotation.models import RubricVersion
from annotation.rubric_versions import missing_rubric
from annotation.rubrics.columns import COLUMN_KINDS
from annotation.rubrics.document import Question, parse_rubric
from studies.models import Study

WORDS = frozenset({"text", "list"})
"""Kinds of question whose answers are the rater's own words."""
OPTIONS = frozenset({"boolean", "choice", "ordinal", "pairwise"})
"""Kinds of question that are answered by one of a few values."""


@dataclass(frozen=True)
class Asked:
    """A study's questions, by stage and rubric version."""

    versions: Mapping[tuple[str, int], Mapping[str, Question]]

    def of_version(
        self, stage: str, version: int, *, is_missing: bool = False
    ) -> Mapping[str, Question]:
        """What raters of an item were asked, by key, in the rubric's order.

        `is_missing` is for the item that asks once per conversation what is missing.
        """
        if is_missing:
            return {question.key: question for question in missing_rubric().questions}
        return self.versions.get((stage, version), {})

    def newest(self, stage: str) -> list[Question]:
        """Every question a stage ever asked, each as its newest version puts it.

        The newest version's questions come first, then what is missing, then what was dropped.
        """
        versions = [
            asked
            for (at, _version), asked in sorted(self.versions.items(), reverse=True)
            if at == stage
        ]
        if stage == Stage.EXTRACTION:
            versions.insert(1, self.of_version(stage, 0, is_missing=True))
        questions: dict[str, Question] = {}
        for asked in versions:
            questions |= {key: asked[key] for key in asked if key not in questions}
        return list(questions.values())


def is_same_column(then: Question | None, question: Question) -> bool:
    """Did a version put the question so that its answers fit the newest one's column?"""
    return then is not None and _shape(then) == _shape(question)


def _shape(question: Question) -> tuple[str, str]:
    kind = "option" if COLUMN_KINDS[question.kind] == "string" else question.kind
    return kind, question.per


def asked_in(study: Study) -> Asked:
    """The questions of a study. One query."""
    versions = RubricVersion.objects.filter(study=study).values_list("stage", "version", "document")
    return Asked(
        {
            (stage, version): {q.key: q for q in parse_rubric(document).questions}
            for stage, version, document in versions
        }
    )


def is_positive(question: Question, value: object) -> bool:
    """Does this answer count as "yes"? A boolean's is true unless its options say otherwise."""
    marked = {option.value for option in question.options if option.positive}
    if question.kind == "boolean" and not marked:
        return value is True
    return _option_value(value) in marked


def has_positive(question: Question) -> bool:
    """Is there an answer that counts as "yes"?"""
    return question.kind == "boolean" or any(option.positive for option in question.options)


def is_on_scale(question: Question, value: object) -> bool:
    """Is this answer one that can be ranked and counted, not "cannot tell" and the like?"""
    return _option_value(value) not in {o.value for o in question.options if o.off_scale}


def _option_value(value: object) -> object:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value
