"""What the agreement figures are made from: a question and the answers to it, as plain values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool
Scale: TypeAlias = Literal["nominal", "ordinal", "interval"]
Role: TypeAlias = Literal["owner", "peer", "expert", "llm"]
RaterKind: TypeAlias = Literal["human", "llm", "aggregate"]
Side: TypeAlias = Literal["first", "second", "none"]

LEAST_SHARED = 10
"""Items that a pair shares whose kappa counts in a mean. On few items kappa does not exist where
both gave one label to all of them, which is where they agree; a mean over the others leans low. A
label of three quarters is alone on one item always, on ten in 6 of 100 pairs."""


class PolicyRefused(ValueError):
    """A way of counting was asked for that this question or these answers cannot be counted in.

    Its text is a sentence for the user.
    """


@dataclass(frozen=True)
class Question:
    """One question of a rubric, as far as its figures depend on it.

    `values` holds the options on the scale, in their order; it may be empty for an interval
    question (a slider), which takes any number. `positive` are the options that count as "yes".
    `mirror` and `favours` belong to a pairwise question: the option that says the same of the
    other response, and which response an option favours, both in the item's own order.
    """

    key: str
    scale: Scale
    values: tuple[Scalar, ...] = ()
    positive: frozenset[Scalar] = frozenset()
    off_scale: frozenset[Scalar] = frozenset()
    mirror: Mapping[Scalar, Scalar] = field(default_factory=dict)
    favours: Mapping[Scalar, Side] = field(default_factory=dict)

    @property
    def neutral(self) -> Scalar | None:
        """The option that favours neither response: marked so, or else its own mirror."""
        marked = [value for value in self.values if self.favours.get(value) == "none"]
        mirrored = [value for value in self.values if self.mirror.get(value) == value]
        return next(iter(marked + mirrored), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One rater's answer to one question about one unit (an item, or an item and a target).

    `value` is in terms of the item's own order whatever side was shown; `swapped` only says that
    the rater saw the responses the other way round. A usable answer without a value (the question
    was not asked, or was skipped) is no answer.
    """

    unit: str
    rater: str
    role: Role
    kind: RaterKind
    value: Scalar | None
    usable: bool = True
    arm: str = "plain"
    swapped: bool = False
    sample: int = 0
    revision: int = 1
    added: bool = False
    """Was it asked for because other answers disagreed?"""


def label_of(value: Scalar) -> str:
    """The text by which an answer is counted: JSON's for booleans and numbers, 3.0 as "3"."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number_of(value: Scalar) -> float | None:
    """The answer to an interval question as a finite number, or None if it is not one."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
