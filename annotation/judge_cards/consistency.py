"""Does a judge say the same again: the other way round, and asked once more?"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import log2
from typing import Literal, TypeAlias

from annotation.judge_cards.estimates import Estimate, mean_of, undefined

Verdicts: TypeAlias = tuple[str, str]
"""What is said in the item's own order and in the other one, both in the item's own terms."""

NOT_IN_BOTH = "no item has a readable verdict in both orders"
NO_SIDES = "the question asks for no side"
NO_DECISION = "no verdict favours a side"
ASKED_ONCE = "no item was answered twice in one order"


@dataclass(frozen=True)
class Orders:
    """The verdicts in both orders, over the items that have both.

    `consistency` is the share with the same verdict, `flip_rate` the share with another one;
    `to_first` and `to_second` are the shares that favour, both times, whatever stood first or
    second: Zheng et al. (2023), Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena, 4.2.
    `first_preferred` is the share of verdicts for the response that stood first among those for
    one of the two; each item weighs in once per order, so that .5 is no preference.
    """

    consistency: Estimate
    flip_rate: Estimate
    to_first: Estimate
    to_second: Estimate
    first_preferred: Estimate


@dataclass(frozen=True)
class Samples:
    """Repeated answers to one item in one order, averaged over these.

    `confidence` is the share of the most frequent answer; `entropy` the Shannon entropy of the
    answers in bits, 0 if all are the same (Shannon 1948); `agreement` the share of pairs of
    samples with the same answer. `most` is the largest number of samples.
    """

    confidence: Estimate
    entropy: Estimate
    agreement: Estimate
    most: int


def order_figures(verdicts: Sequence[Verdicts], *, has_sides: bool) -> Orders:
    """From verdicts in both orders; those of a question without sides have no preference."""
    same = [float(own == other) for own, other in verdicts]
    return Orders(
        consistency=mean_of(same, NOT_IN_BOTH),
        flip_rate=mean_of([1 - each for each in same], NOT_IN_BOTH),
        to_first=_share(verdicts, ("first", "second"), has_sides),
        to_second=_share(verdicts, ("second", "first"), has_sides),
        first_preferred=_first_preferred(verdicts) if has_sides else undefined(NO_SIDES),
    )


def _share(verdicts: Sequence[Verdicts], wanted: Verdicts, has_sides: bool) -> Estimate:
    if not has_sides:
        return undefined(NO_SIDES)
    return mean_of([float(each == wanted) for each in verdicts], NOT_IN_BOTH)


def _first_preferred(verdicts: Sequence[Verdicts]) -> Estimate:
    if not verdicts:
        return undefined(NOT_IN_BOTH)
    shown: Sequence[tuple[str, Literal["first", "second"]]] = [
        *((own, "first") for own, _ in verdicts),
        *((other, "second") for _, other in verdicts),
    ]
    decided = [float(side == at_the_top) for side, at_the_top in shown if side != "none"]
    return mean_of(decided, NO_DECISION)


def sample_figures(answers: Sequence[Sequence[Hashable]]) -> Samples:
    """From the usable answers to each item in each order; those asked once say nothing."""
    repeated = [Counter(each) for each in answers if len(each) > 1]
    return Samples(
        confidence=mean_of([modal_share(each) for each in repeated], ASKED_ONCE),
        entropy=mean_of([entropy(each) for each in repeated], ASKED_ONCE),
        agreement=mean_of([_agreement(each) for each in repeated], ASKED_ONCE),
        most=max((len(each) for each in answers), default=0),
    )


def modal_share(counts: Counter[Hashable]) -> float:
    """The share of the most frequent answer."""
    return max(counts.values()) / counts.total()


def entropy(counts: Counter[Hashable]) -> float:
    """Shannon's, in bits."""
    shares = [n / counts.total() for n in counts.values()]
    return max(0.0, -sum(share * log2(share) for share in shares))


def _agreement(counts: Counter[Hashable]) -> float:
    k = counts.total()
    return sum(n * (n - 1) for n in counts.values()) / (k * (k - 1))
