"""The questions that a study's raters were asked, over all versions of its rubrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotation.models import RubricVersion
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

    def question(self, stage: str, version: int, key: str) -> Question | None:
        """The question as this version puts it, or None if it puts no such question."""
        return self.versions.get((stage, version), {}).get(key)

    def keys(self, stage: str, version: int) -> list[str]:
        """The keys of a version's questions in their order."""
        return list(self.versions.get((stage, version), {}))

    def newest(self, stage: str) -> list[Question]:
        """Every question a stage ever asked, each as its newest version puts it.

        The newest version's questions come first; those it dropped follow.
        """
        questions: dict[str, Question] = {}
        for (asked_at, _version), asked in sorted(self.versions.items(), reverse=True):
            if asked_at == stage:
                questions |= {key: asked[key] for key in asked if key not in questions}
        return list(questions.values())

    def is_same_column(self, stage: str, version: int, question: Question) -> bool:
        """Did this version put the question so that its answers fit the newest one's column?"""
        then = self.question(stage, version, question.key)
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
