"""How several answers of one rater about one unit become one cell: revisions, samples, orders."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from annotation.agreement.answers import (
    Answer,
    PolicyRefused,
    Question,
    RaterKind,
    Role,
    Scalar,
    label_of,
    number_of,
)

Unusable: TypeAlias = Literal["drop", "as_tie", "wrong"]
Orders: TypeAlias = Literal["average", "first", "flip_is_tie"]
Samples: TypeAlias = Literal["majority", "mean"]
Spread: TypeAlias = dict[str, float]

WRONG = "\0unusable"


@dataclass(frozen=True)
class Policies:
    """The choices that turn raw answers into cells; every document names them.

    unusable: `drop` leaves the answer out; `as_tie` counts it as the option that favours neither
    response; `wrong` counts it as a wrong answer in accuracy, recall and F1 and leaves it out of
    everything else. They are for machines: an unusable answer of a person is always left out.

    orders, for a rater asked with the responses both ways round: `average` counts half per order
    (the other half is lost with an order whose answer is dropped or off the scale); `first` takes
    the item's own order where there is one; `flip_is_tie` counts as the neutral option when the
    two orders favour different sides, and averages otherwise.

    samples: `majority` takes the answer given most often, tied ones sharing the weight; `mean`
    lets each sample count alike.
    """

    unusable: Unusable = "drop"
    orders: Orders = "average"
    samples: Samples = "majority"


class RaterView(NamedTuple):
    """A rater in one arm and one role: what one row of the raters' table is about."""

    rater: str
    arm: str
    role: Role
    kind: RaterKind


@dataclass(frozen=True)
class Cell:
    """What one rater says of one unit, as weights of labels that sum to one at most.

    `asked` tells an answer that the policies left out (empty spread) from one off the scale.
    `sides` holds the side favoured in each order, where both orders have a usable verdict.
    """

    spread: Spread
    unusable: int
    asked: bool
    both_orders: bool
    sides: tuple[str, str] | None


class Collapse:
    """The policies applied to one question; refuses those that its options cannot carry."""

    def __init__(self, question: Question, policies: Policies) -> None:
        self.policies = policies
        self._labels = {label_of(value) for value in question.values}
        self._off_scale = {label_of(value) for value in question.off_scale}
        self._any_number = question.scale == "interval"
        self._sides = {label_of(value): side for value, side in question.favours.items()}
        self._tie = None if question.neutral is None else label_of(question.neutral)
        if self._tie is None and policies.unusable == "as_tie":
            raise PolicyRefused(
                "Unusable answers can be counted as a tie only where an option favours neither"
                f' response; the question "{question.key}" has none.'
            )

    def cells(self, answers: Iterable[Answer]) -> dict[tuple[str, RaterView], Cell]:
        """One cell for each unit and rater that has an answer, from the latest revisions."""
        orders: dict[tuple[str, RaterView], dict[bool, list[Answer]]] = {}
        for answer in latest(answers):
            view = RaterView(answer.rater, answer.arm, answer.role, answer.kind)
            by_order = orders.setdefault((answer.unit, view), defaultdict(list))
            by_order[answer.swapped].append(answer)
        return {key: self._cell(by_order) for key, by_order in orders.items()}

    def _cell(self, by_order: Mapping[bool, list[Answer]]) -> Cell:
        every = [answer for answers in by_order.values() for answer in answers]
        return Cell(
            spread=self._merge({way: self._vote(each) for way, each in by_order.items()}),
            unusable=sum(self._is_unusable(answer) for answer in every),
            asked=any(not self._is_off_scale(answer) for answer in every),
            both_orders=len(by_order) == 2,
            sides=self._verdicts(by_order),
        )

    def _merge(self, by_order: Mapping[bool, Spread]) -> Spread:
        """One spread from the spreads of the orders asked (False is the item's own order)."""
        if len(by_order) == 1:
            return next(iter(by_order.values()))
        if self.policies.orders == "first":
            return by_order[False]
        if self.policies.orders == "flip_is_tie" and self._is_flip(by_order):
            return {self._neutral(): 1.0}
        halves: Spread = defaultdict(float)
        for spread in by_order.values():
            for label, weight in spread.items():
                halves[label] += weight / 2
        return dict(halves)

    def _vote(self, answers: list[Answer]) -> Spread:
        """The samples of one order as one spread; empty if none of them counts."""
        if len(answers) == 1:  # most are
            label = self.counted(answers[0])
            return {} if label is None else {label: 1.0}
        votes = Counter(label for answer in answers if (label := self.counted(answer)) is not None)
        if self.policies.samples == "majority" and votes:
            most = max(votes.values())
            votes = Counter({label: 1 for label, n in votes.items() if n == most})
        return {label: n / votes.total() for label, n in votes.items()}

    def counted(self, answer: Answer) -> str | None:
        """The label an answer counts as, or None if it is left out."""
        if not self._is_unusable(answer):
            return None if self._is_off_scale(answer) else self._label(answer)
        if answer.kind == "human" or self.policies.unusable == "drop":
            return None
        return WRONG if self.policies.unusable == "wrong" else self._tie

    def _label(self, answer: Answer) -> str:
        """The answer's label; on an interval scale equal numbers are one label ("3.0" is 3)."""
        value = _present(answer)
        number = number_of(value) if self._any_number else None
        return label_of(value if number is None else number)

    def _is_off_scale(self, answer: Answer) -> bool:
        return answer.usable and label_of(_present(answer)) in self._off_scale

    def _is_unusable(self, answer: Answer) -> bool:
        """Unparseable, or outside every option of the question."""
        if not answer.usable:
            return True
        value = _present(answer)
        if label_of(value) in self._off_scale:
            return False
        if self._any_number:
            return number_of(value) is None
        return label_of(value) not in self._labels

    def _verdicts(self, by_order: Mapping[bool, list[Answer]]) -> tuple[str, str] | None:
        """What the item's own order and the other one favour; unusable answers are no verdict."""
        if len(by_order) < 2:
            return None
        usable = {
            way: [answer for answer in answers if not self._is_unusable(answer)]
            for way, answers in by_order.items()
        }
        first, second = (self._side(self._vote(usable[way])) for way in (False, True))
        return None if first is None or second is None else (first, second)

    def _is_flip(self, by_order: Mapping[bool, Spread]) -> bool:
        first, second = self._side(by_order[False]), self._side(by_order[True])
        return first is not None and second is not None and first != second

    def _side(self, spread: Spread) -> str | None:
        """The side that most weight favours (without sides, the label); None if undecided."""
        weights: dict[str, float] = defaultdict(float)
        for label, weight in spread.items():
            if label != WRONG:
                weights[self._sides.get(label, label)] += weight
        return unique_best(weights)

    def _neutral(self) -> str:
        if self._tie is None:
            raise PolicyRefused(
                "A flip between the orders can be counted as a tie only where an option favours"
                " neither response; this question has none."
            )
        return self._tie


def latest(answers: Iterable[Answer]) -> list[Answer]:
    """The answers that stand: the highest revision of each, without those that have no value."""
    newest: dict[tuple[str, str, str, str, bool, int], Answer] = {}
    for answer in answers:
        key = (answer.unit, answer.rater, answer.arm, answer.role, answer.swapped, answer.sample)
        known = newest.get(key)
        if known is None or known.revision < answer.revision:
            newest[key] = answer
    return [each for each in newest.values() if not each.usable or each.value is not None]


def unique_best(weights: Mapping[str, float]) -> str | None:
    """The key of the one largest weight; None if there is none or several are as large."""
    most = max(weights.values(), default=0.0)
    best = [key for key, weight in weights.items() if weight > most - 1e-9]
    return best[0] if len(best) == 1 else None


def _present(answer: Answer) -> Scalar:
    if answer.value is None:
        raise ValueError("an answer without a value is no answer")
    return answer.value
