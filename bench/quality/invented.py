"""A study of pairs judged by scripted raters in this process, as arrays for the signals.

The raters are those that `manage.py simulate` drives over HTTP, and are given the same documents;
places are given out as the site does: the least judged first, in an order drawn from the seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotation.quality.sheets import CHECK, GOLD, MAIN, NOT_EXPECTED, REPEAT, Record, Sheet, Visits
from annotation.quality.table import AnswerTable, Codes
from annotation.rubrics.document import Question, parse_rubric
from annotation.simulation.answering import ScriptedRater, words_in
from annotation.simulation.profiles import cast_of, load_behaviour
from annotation.simulation.truth import Place, Planted
from bench.judging import words

QUESTION = "preference"
VALUES = ("1", "2", "tie")
SIDES = {"1": 1, "2": -1, "tie": 0}
MIRROR = {"1": "2", "2": "1", "tie": "tie"}
RUBRIC: dict[str, Any] = {
    "version": 1,
    "questions": [
        {
            "key": QUESTION,
            "kind": "pairwise",
            "scale": "nominal",
            "options": [
                {"value": value, "favours": side, "label": {"en": value}}
                for value, side in zip(VALUES, ("first", "second", "none"), strict=True)
            ],
            "wording": {"peer": {"en": "Which is better?"}},
        }
    ],
}


@dataclass(frozen=True)
class Size:
    """How much is asked."""

    raters: int = 50
    items: int = 800
    places: int = 5
    gold: int = 12
    checks: int = 4
    repeats: int = 5

    def without_gold(self) -> "Size":
        """The same study with nothing that tests its raters."""
        return Size(self.raters, self.items, self.places, 0, 0, 0)


@dataclass
class Invented:
    """What was simulated: the record for the signals, and what was planted."""

    record: Record
    raters: list[ScriptedRater]
    truth: Codes
    """The right label of each of the first `items` units."""

    @property
    def is_bad(self) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """By rater."""
        return np.array([not rater.profile.honest for rater in self.raters])


@dataclass
class _Rows:
    unit: list[int] = field(default_factory=list)
    rater: list[int] = field(default_factory=list)
    label: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    side: list[int] = field(default_factory=list)
    purpose: list[int] = field(default_factory=list)
    expected: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)


def invented(seed: int, size: Size, mix: str = "tenth") -> Invented:
    """The whole study, a function of the seed."""
    behaviour = load_behaviour()
    known = {
        f"{kind}{number}": {QUESTION: random.Random(f"{seed}|{kind}|{number}").choice(VALUES)}
        for kind, count in (("g", size.gold), ("c", size.checks))
        for number in range(count)
    }
    planted = Planted(behaviour, seed, known)
    scripts = cast_of(behaviour, behaviour.mixes[mix], count=size.raters, seed=seed)
    cast = {script.name: script for script in scripts}
    raters = [ScriptedRater(script, cast, behaviour, planted) for script in scripts]
    rows = _Rows()
    for rater, purpose, item, unit in _turns(seed, size):
        _answer(rows, raters[rater], rater, purpose, item, unit, seed, planted)
    question = parse_rubric(RUBRIC).questions[0]
    truth = [planted.at(Place(f"i{n}", QUESTION), question).position for n in range(size.items)]
    return Invented(_record(rows, size), raters, np.array(truth))


def _turns(seed: int, size: Size) -> Iterator[tuple[int, int, str, int]]:
    """Rater, purpose, item and unit of each judgment, in the order of time."""
    draw = random.Random(f"{seed}|turns")
    held: list[list[int]] = [[] for _ in range(size.raters)]
    tests = [_tests(draw, size) for _ in range(size.raters)]
    free = [item for _ in range(size.places) for item in draw.sample(range(size.items), size.items)]
    while free:
        for rater in range(size.raters):
            item = next((one for one in free if one not in held[rater]), None)
            if item is None:
                continue
            free.remove(item)
            held[rater].append(item)
            yield rater, MAIN, f"i{item}", item
            yield from _due(rater, held[rater], tests[rater], draw, size)
        if all(all(one in mine for one in free) for mine in held):
            return


def _tests(draw: random.Random, size: Size) -> list[tuple[int, int]]:
    """What tests one rater, in an order drawn for them."""
    found = [(GOLD, number) for number in range(size.gold)]
    found += [(CHECK, number) for number in range(size.checks)]
    found += [(REPEAT, number) for number in range(size.repeats)]
    draw.shuffle(found)
    return found


def _due(
    rater: int, held: list[int], tests: list[tuple[int, int]], draw: random.Random, size: Size
) -> Iterator[tuple[int, int, str, int]]:
    """A test after every third task, once there is something to repeat."""
    if len(held) < 6 or len(held) % 3 or not tests:
        return
    purpose, number = tests.pop()
    if purpose == REPEAT:
        item = draw.choice(held[:-5])
        yield rater, REPEAT, f"i{item}", item
    elif purpose == GOLD:
        yield rater, GOLD, f"g{number}", size.items + number
    else:
        yield rater, CHECK, f"c{number}", size.items + size.gold + number


def _answer(
    rows: _Rows,
    scripted: ScriptedRater,
    rater: int,
    purpose: int,
    item: str,
    unit: int,
    seed: int,
    planted: Planted,
) -> None:
    task = _task(item, random.Random(f"{seed}|side|{item}|{rater}|{purpose}").random() < 0.5, seed)
    judgment = scripted.answer(task)[0]
    shown = judgment["answers"][QUESTION]
    is_swapped = task["items"][0]["responses"][0]["id"].endswith("b")
    own = MIRROR[shown] if is_swapped else shown
    known = planted.known.get(item, {}).get(QUESTION)
    rows.unit.append(unit)
    rows.rater.append(rater)
    rows.label.append(VALUES.index(own))
    rows.shown.append(VALUES.index(shown))
    rows.side.append(SIDES[shown])
    rows.purpose.append(purpose)
    rows.expected.append(NOT_EXPECTED if known is None else VALUES.index(known))
    rows.seconds.append(judgment["seconds"])
    rows.words.append(words_in(task["context"]) + words_in(task["items"]))


def _task(item: str, is_swapped: bool, seed: int) -> dict[str, Any]:
    """The document of one pair, of the length that the platforms are measured with."""
    draw = random.Random(f"{seed}|text|{item}")
    responses = [{"id": f"{item}-{side}", "text": words(draw, 800)} for side in "ab"]
    return {
        "context": {"prompt": {"id": item, "text": words(draw, 200), "before": []}},
        "items": [{"id": item, "responses": responses[::-1] if is_swapped else responses}],
        "rubric": RUBRIC,
    }


def _record(rows: _Rows, size: Size) -> Record:
    rater, count = np.array(rows.rater), len(rows.rater)
    units = size.items + size.gold + size.checks
    nothing = np.full(count, np.nan)
    sheet = Sheet(
        name=f"response/{QUESTION}",
        table=AnswerTable(
            np.array(rows.unit), rater, np.array(rows.label), units, size.raters, len(VALUES)
        ),
        shown=np.array(rows.shown),
        side=np.array(rows.side),
        judgment=np.arange(count),
        purpose=np.array(rows.purpose),
        expected=np.array(rows.expected),
        has_several=np.zeros(count, dtype=bool),
        is_compared=np.ones(count, dtype=bool),
        is_added=np.zeros(count, dtype=bool),
    )
    visits = Visits(rater, np.array(rows.words), np.array(rows.seconds), nothing, nothing)
    return Record(size.raters, (sheet,), visits, np.full(size.raters, np.nan))


def question_of() -> Question:
    """The one question that is asked."""
    return parse_rubric(RUBRIC).questions[0]
