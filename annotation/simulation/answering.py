"""What a scripted rater answers to a task, and how long they take: from what is shown alone.

The task is the document that the API gives to any program. Profile, truth and answers are functions
of the seed, the rater and what the item is about; how often the rater met the item before is the
only memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotation.rubrics.answers import Targets, asked_at, gathered
from annotation.rubrics.document import Question, Rubric, parse_rubric
from annotation.simulation.profiles import Behaviour, Profile, Scripted, drawing, drawn_from
from annotation.simulation.truth import (
    Place,
    Planted,
    canonical,
    is_ordered,
    values_of,
    wrong_position,
)

SHORTEST_SECONDS = 0.3
A_TEXT = "Nothing to add."
ROLE = "peer"


@dataclass
class ScriptedRater:
    """One rater at work."""

    script: Scripted
    cast: Mapping[str, Scripted]
    behaviour: Behaviour
    planted: Planted
    met: Counter[str] = field(default_factory=Counter)
    """How often each item was answered; the second time, errors are made anew."""

    @property
    def profile(self) -> Profile:
        """How they behave."""
        return self.behaviour.profiles[self.script.profile]

    def answer(self, task: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`judgments` for a task as `tasks/next` gave it."""
        rubric = parse_rubric(task["rubric"])
        context = words_in(task.get("context")) / max(len(task["items"]), 1)
        return [self._judgment(item, rubric, context) for item in task["items"]]

    def _judgment(self, item: Mapping[str, Any], rubric: Rubric, context: float) -> dict[str, Any]:
        own = parse_rubric(item["rubric"]) if "rubric" in item else rubric
        occasion = self.met[item["id"]]
        self.met[item["id"]] += 1
        return {
            "item": item["id"],
            "answers": self._answers(item, own, occasion),
            "seconds": self._seconds(
                self.planted.name_of(item["id"]), context + words_in(item), occasion
            ),
        }

    def _answers(self, item: Mapping[str, Any], rubric: Rubric, occasion: int) -> dict[str, Any]:
        shown = [response["id"] for response in item.get("responses", ())]
        attributes = tuple(attribute["id"] for attribute in item.get("attributes", ()))
        targets = Targets(responses=tuple(shown), attributes=attributes)
        name_of = self.planted.name_of
        is_turned = shown != sorted(shown, key=name_of)
        values: dict[str, dict[str, Any]] = {}
        for question in rubric.questions:
            for target in asked_at(question, role=ROLE, targets=targets, values=values):
                place = Place(name_of(item["id"]), question.key, name_of(target))
                value = self._value(question, place, is_turned, occasion)
                values.setdefault(question.key, {})[target] = value
        return gathered(rubric, values)

    def _value(self, question: Question, place: Place, is_turned: bool, occasion: int) -> Any:
        if question.scale is None:
            return written_answer(question)
        values = values_of(question)
        draw = drawing(self.planted.seed, "look", self.script.name, *parts_of(place), occasion)
        profile = self.profile
        # One of these is tried after the other, as `profiles.yaml` lists them.
        if draw.random() < profile.first:
            return values[0]
        if draw.random() < profile.favourite:
            return values[self._favourite(question, len(values))]
        if draw.random() < profile.uniform:
            return draw.choice(values)
        author = self._author(draw.random())
        position = judged_position(author, self.behaviour, self.planted, question, place, occasion)
        return canonical(question, values[position], is_turned)

    def _author(self, chance: float) -> Scripted:
        is_copied = self.script.leader and chance < self.profile.copies
        return self.cast[self.script.leader] if is_copied else self.script

    def _favourite(self, question: Question, count: int) -> int:
        return drawing(self.planted.seed, "favourite", self.script.name, question.key).randrange(
            count
        )

    def _seconds(self, item: str, words: float, occasion: int) -> float:
        draw = drawing(self.planted.seed, "seconds", self.script.name, item, occasion)
        profile = self.profile
        if profile.flat:
            seconds = drawn_from(profile.flat, draw)
        else:
            reading = words / self.script.pace if self.script.pace else 0.0
            seconds = reading + (drawn_from(profile.think, draw) if profile.think else 0.0)
        return round(max(seconds, SHORTEST_SECONDS), 1)


def judged_position(
    author: Scripted,
    behaviour: Behaviour,
    planted: Planted,
    question: Question,
    place: Place,
    occasion: int,
) -> int:
    """What somebody finds who looks: the right position, or a wrong one that the item invites."""
    profile = behaviour.profiles[author.profile]
    right = planted.at(place, question)
    draw = drawing(planted.seed, "judge", author.name, *parts_of(place), occasion)
    count = len(values_of(question))
    if question.kind == "slider":
        spread = (1 - author.accuracy + profile.slope * right.difficulty / 2) * (count - 1) / 2
        return min(max(round(right.position + draw.gauss(0, spread)), 0), count - 1)
    middling = behaviour.items.difficulty
    mean = middling.alpha / (middling.alpha + middling.beta)
    chance = author.accuracy - profile.slope * (right.difficulty - mean)
    if draw.random() < max(chance, 1 / count):
        return right.position
    if draw.random() < profile.tempting:
        return right.tempting
    near = is_ordered(question) and draw.random() < behaviour.items.near
    others = [other for other in range(count) if other != right.position] or [right.position]
    return wrong_position(question, right.position, draw) if near else draw.choice(others)


def written_answer(question: Question) -> Any:
    """What is said where nothing is counted: as little as is allowed."""
    if question.kind == "text":
        return A_TEXT if question.required else ""
    if not question.required:
        return []
    return [[0, 1]] if question.kind == "spans" else [A_TEXT]


def parts_of(place: Place) -> tuple[str, str, str]:
    """A place as the drawing needs it."""
    return place.item, place.question, place.target


def words_in(document: Any) -> int:
    """Words of every text in a document, without those of its rubric."""
    return sum(len(text.split()) for text in _texts(document))


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, Mapping):
        for name, value in document.items():
            if name in ("text", "content", "before") or not isinstance(value, str):
                yield from () if name == "rubric" else _texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from _texts(value)
    elif isinstance(document, str):
        yield document
