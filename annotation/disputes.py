"""When answers to an item disagree so far that somebody else has to look at it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.assigning import Adaptive, Spread
from annotation.rubrics.statistic import Measurement

Rule = str | Spread


@dataclass(slots=True)
class Votes:
    """The answers on the scale to one question about one item or target, by who gave them."""

    owner: list[Any] = field(default_factory=list)
    peer: list[Any] = field(default_factory=list)
    expert: list[Any] = field(default_factory=list)
    judges: list[Any] = field(default_factory=list)

    @property
    def others(self) -> list[Any]:
        """People who are not the owner."""
        return [*self.peer, *self.expert]


def is_disputed(rule: Rule, votes: Votes, measured: Measurement) -> bool:
    """Does the rule apply to these answers?"""
    if rule == "owner_against_peers":
        return _differ(majority(votes.owner), majority(votes.others))
    if rule == "people_against_judges":
        people = votes.others or votes.owner
        return _differ(majority(people), majority(votes.judges))
    return do_disagree(rule, votes.others, measured)


def calls_for_more(adaptive: Adaptive, votes: Votes, measured: Measurement) -> bool:
    """Do the answers of its role disagree in the way that asks for one more?"""
    return do_disagree(adaptive.when, getattr(votes, adaptive.role), measured)


def do_disagree(rule: Rule, values: Sequence[Any], measured: Measurement) -> bool:
    """Do several answers disagree by a rule that looks at one group alone?"""
    if len(values) < 2:
        return False
    if isinstance(rule, Spread):
        return _spread(values, measured) >= rule.spread
    if rule == "disagreement":
        return len(set(values)) > 1
    return majority(values) is None


def majority(values: Sequence[Any]) -> Any:
    """What more than half of them say; None where nothing is."""
    ((value, count),) = Counter(values).most_common(1) or [(None, 0)]
    return value if 2 * count > len(values) else None


def _differ(one: Any, other: Any) -> bool:
    return one is not None and other is not None and one != other


def _spread(values: Sequence[Any], measured: Measurement) -> float:
    """Steps of the scale between the farthest two, or how far numbers are apart."""
    if measured.values:
        ranks: list[float] = [measured.values.index(value) for value in values]
    else:
        ranks = [float(value) for value in values]
    return max(ranks) - min(ranks)


def is_on_scale(value: Any, measured: Measurement) -> bool:
    """Can it be compared? An answer off the scale, such as “cannot tell”, is no vote."""
    if measured.values:
        return value in measured.values
    return isinstance(value, int | float) and not isinstance(value, bool)
