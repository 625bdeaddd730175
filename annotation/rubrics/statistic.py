"""How answers to a question are compared: its values, scale and statistic."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotation.rubrics.document import Kind, Per, Question, Rubric, Scale
from annotation.rubrics.sides import mirrors

STATISTICS: dict[Scale | None, str] = {
    "nominal": "krippendorff alpha (nominal), mean pairwise cohen kappa",
    "ordinal": "krippendorff alpha (ordinal), spearman",
    "interval": "krippendorff alpha (interval), pearson",
    None: "none: texts are read, not counted",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """What agreement needs to know of a question, free of wordings and of Django.

    `values` are those on the scale in the order listed, which is their rank where it is ordered (a
    boolean's are False and True; a slider has none: numbers from `minimum` to `maximum`).
    `positive` are those that count as yes, `off_scale` those kept but never ranked, `mirror` maps
    each value of a pairwise question to the one that says the same of swapped sides.
    """

    key: str
    kind: Kind
    per: Per
    scale: Scale | None
    statistic: str
    values: tuple[bool | str, ...] = ()
    positive: frozenset[bool | str] = frozenset()
    off_scale: frozenset[str] = frozenset()
    mirror: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_measured(self) -> bool:
        return self.scale is not None


def measurement(question: Question) -> Measurement:
    """The measurement of one question; one without a scale has the statistic "none"."""
    return Measurement(
        key=question.key,
        kind=question.kind,
        per=question.per,
        scale=question.scale,
        statistic=STATISTICS[question.scale],
        values=_values(question),
        positive=_positive(question),
        off_scale=frozenset(option.value for option in question.options if option.off_scale),
        mirror=mirrors(question) if question.kind == "pairwise" else {},
        minimum=question.min,
        maximum=question.max,
    )


def measurements(rubric: Rubric) -> dict[str, Measurement]:
    """By key, those questions that have a scale."""
    found = {question.key: measurement(question) for question in rubric.questions}
    return {key: each for key, each in found.items() if each.is_measured}


def _values(question: Question) -> tuple[bool | str, ...]:
    if question.kind == "boolean":
        return (False, True)
    return tuple(option.value for option in question.on_scale)


def _positive(question: Question) -> frozenset[bool | str]:
    if question.kind == "boolean":
        return frozenset({True})
    return frozenset(option.value for option in question.options if option.positive)
