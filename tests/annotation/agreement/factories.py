"""Questions and answers for the agreement tests, invented."""

from typing import Any

from annotation.agreement.answers import Answer, Question, Role

CHOICE = Question("kind", "nominal", ("a", "b", "c"), off_scale=frozenset({"cannot tell"}))
STEPS = Question("quality", "ordinal", ("low", "mid", "high"), positive=frozenset({"high"}))
SLIDER = Question("share", "interval")
PREFERENCE = Question(
    "preference",
    "ordinal",
    ("A++", "A", "=", "B", "B++"),
    mirror={"A++": "B++", "A": "B", "=": "=", "B": "A", "B++": "A++"},
    favours={"A++": "first", "A": "first", "=": "none", "B": "second", "B++": "second"},
)


def people(rater: str, values: str | list[Any], role: Role = "peer") -> list[Answer]:
    """One person's answers to the units 0, 1, …; "-" and None are not answered."""
    return [
        Answer(str(unit), rater, role, "human", value)
        for unit, value in enumerate(values)
        if value not in ("-", None)
    ]


def judge(rater: str, values: str | list[Any], **rest: Any) -> list[Answer]:
    """One judge's answers to the units 0, 1, …; "-" is not answered, "?" is unusable."""
    return [
        Answer(str(unit), rater, "llm", "llm", None if value == "?" else value,
               usable=value != "?", **rest)
        for unit, value in enumerate(values)
        if value != "-"
    ]  # fmt: skip
