"""The planted truth of a dry run: what is right about an item, and how hard it is to see."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotation.rubrics.document import Question
from annotation.rubrics.sides import mirror
from annotation.simulation.profiles import Behaviour, drawing

MOST_STEPS = 101
"""A slider with more steps is used at so many of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one answer belongs: a question put about an item, or about one target of it.

    Both by names that are the same wherever the same data is: see `Planted.names`.
    """

    item: str
    question: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Right:
    """What is right at a place, as positions in the question's values."""

    position: int
    tempting: int
    """The wrong answer that people who try fall for most."""
    difficulty: float
    value: Any = None
    """What stands at the right position."""


@dataclass
class Planted:
    """The truth of a dry run, drawn as it is asked for; it follows from seed and data alone."""

    behaviour: Behaviour
    seed: int
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Right answers that the study holds itself, as of gold items: item → question → value in
    canonical order."""
    names: dict[str, str] = field(default_factory=dict)
    """What items, responses and attributes are named by, from the ids that raters are shown: those
    differ between sites that hold the same data."""
    drawn: dict[Place, Right] = field(default_factory=dict)

    def name_of(self, shown: str) -> str:
        """The name of what raters are shown under this id; where none is known the id itself."""
        return self.names.get(shown, shown)

    def at(self, place: Place, question: Question) -> Right:
        """What is right there, in canonical order: see `canonical`."""
        if place not in self.drawn:
            self.drawn[place] = self._draw(place, question)
        return self.drawn[place]

    def _draw(self, place: Place, question: Question) -> Right:
        values = values_of(question)
        draw = drawing(self.seed, "truth", place.item, place.question, place.target)
        weights = self._weights(question, len(values))
        position = draw.choices(range(len(values)), weights)[0]
        numbers = self.behaviour.items.difficulty
        difficulty = draw.betavariate(numbers.alpha, numbers.beta)
        if known := _known(self.known.get(place.item, {}), place, values):
            position, difficulty = draw.choice(known), 0.0
        return Right(
            position, wrong_position(question, position, draw), difficulty, values[position]
        )

    def _weights(self, question: Question, count: int) -> list[float]:
        draw, span = drawing(self.seed, "weights", question.key), self.behaviour.items.weights
        return [draw.uniform(span.least, span.most) for _ in range(count)]


def values_of(question: Question) -> tuple[Any, ...]:
    """The values that scripted raters give: those on the scale, a slider's steps."""
    if question.kind == "boolean":
        return (False, True)
    if question.kind == "slider":
        return _steps(question)
    return tuple(option.value for option in question.on_scale)


def is_ordered(question: Question) -> bool:
    """Do neighbours in the list of values say nearly the same?"""
    return question.scale in ("ordinal", "interval")


def wrong_position(question: Question, position: int, draw: random.Random) -> int:
    """Another position than the right one: a neighbour where values are ordered."""
    count = len(values_of(question))
    if count < 2:
        return position
    if not is_ordered(question):
        return draw.choice([other for other in range(count) if other != position])
    beside = [other for other in (position - 1, position + 1) if 0 <= other < count]
    return draw.choice(beside)


def canonical(question: Question, value: Any, is_turned: bool) -> Any:
    """A pairwise answer, or several, in the order of the responses' names, or back; others stay."""
    if isinstance(value, list):
        return [canonical(question, one, is_turned) for one in value]
    return mirror(question, value) if is_turned else value


def _steps(question: Question) -> tuple[float, ...]:
    low, high, step = question.min or 0.0, question.max or 0.0, question.step or 1.0
    count = round((high - low) / step) + 1
    every = max(1, -(-count // MOST_STEPS))
    return tuple(low + step * number for number in range(0, count, every))


def _known(answers: Mapping[str, Any], place: Place, values: tuple[Any, ...]) -> list[int]:
    """The positions of all answers that are right; none where the study holds no answer."""
    answer = answers.get(place.question)
    if isinstance(answer, Mapping):
        answer = answer.get(place.target)
    right = answer if isinstance(answer, list) else [answer]
    return [values.index(one) for one in right if one in values]
