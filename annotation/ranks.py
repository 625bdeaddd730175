"""The order in which places are given out, and the side each shows: drawn from a stored seed.

A rank is one number, the lowest being given out first. From its highest bits to its lowest: how
urgent the task is (11 bits), which of its task's places it is (12), a draw from the stage's seed
and the task's id (39), and the side shown (1). Nothing but stored values goes in, so that the
drawing can be repeated; and a place keeps its rank whoever holds it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import Count

from annotation.choices import Purpose, Stage
from annotation.models import Item, TaskItem
from annotation.stages.stage import Draft
from studies.models import Study

PLACE_AT, URGENCY_AT = 40, 52
LATEST_PLACE = (1 << URGENCY_AT - PLACE_AT) - 1
DRAWN_BITS = PLACE_AT - 1
TURN_AT = 18
"""Balanced: above this stands which of its group a task is, below it chance."""
LATEST_TURN = (1 << PLACE_AT - TURN_AT) - 1
USUAL, MOST_URGENT, RANGE = 1024, 1, 1000
SEED_BITS = 62

Group = tuple[Any, ...]
"""What a task compares: the strategies and models of its responses, or who found an attribute."""
_GROUPS = {
    Stage.EXTRACTION: ("item__attribute__author",),
    Stage.RELEVANCE: ("item__attribute__author",),
    Stage.RESPONSE: (
        "item__first__strategy",
        "item__first__model",
        "item__second__strategy",
        "item__second__model",
    ),
}


def seed_of(study: Study, stage: str) -> int:
    """The stage's own seed, else one that follows from the study's id."""
    section = (study.document.get("stages") or {}).get(stage) or {}
    seed: int | None = section.get("seed")
    return draw(study.id, stage) if seed is None else seed


def draw(*parts: Any) -> int:
    """A number of 62 bits that these parts alone decide."""
    told = "\x1f".join(str(part) for part in parts).encode()
    return int.from_bytes(blake2b(told, digest_size=8).digest()) >> 64 - SEED_BITS


def rank_of_task(seed: int, task_id: UUID) -> int:
    """The rank of a task's first place where nothing is said of order: shuffled."""
    return draw(seed, task_id) & (1 << PLACE_AT) - 1


def rank_at_place(first: int, place: int) -> int:
    """The rank of a task's place, from that of its first: later, and with the sides in turn."""
    number = min(place - 1, LATEST_PLACE)
    return (first | number << PLACE_AT) ^ (number & 1)


def first_rank(rank: int, place: int) -> int:
    """The rank of its task's first place, from that of any."""
    number = min(place - 1, LATEST_PLACE)
    return (rank ^ (number & 1)) & ~(LATEST_PLACE << PLACE_AT)


def is_swapped_at(rank: int) -> bool:
    """Does the place show the second response first?"""
    return bool(rank & 1)


class Drawing:
    """Draws the ranks of a stage's tasks while they are opened.

    Sides alternate within each group of tasks that compare the same; with `order: balanced` the
    groups alternate, too, so that none is ever more than one task ahead.
    """

    def __init__(self, study: Study, stage: str, section: Mapping[str, Any]) -> None:
        self.seed = seed_of(study, stage)
        self.stage = stage
        self.order = section.get("order", "least_judged")
        self.first = frozenset(section.get("first") or ())
        self._counts = _counts(study, stage)

    def ranks(self, drafts: Iterable[Draft]) -> list[int]:
        """The rank of each task's first place, in the order of the drafts."""
        rows = list(drafts)
        drawn = [draw(self.seed, draft.task.id) for draft in rows]
        found = [0] * len(rows)
        for n in sorted(range(len(rows)), key=drawn.__getitem__):
            found[n] = self._rank(rows[n], drawn[n])
        return found

    def _rank(self, draft: Draft, drawn: int) -> int:
        group = group_of(self.stage, draft.items)
        turn = self._counts[group]
        self._counts[group] += 1
        chance = drawn & (1 << PLACE_AT) - 2
        if self.order == "balanced":
            chance &= (1 << TURN_AT) - 1
            chance |= min(turn, LATEST_TURN) << TURN_AT
        side = (turn + draw(self.seed, *group)) & 1
        return self._urgency(draft) << URGENCY_AT | chance | side

    def _urgency(self, draft: Draft) -> int:
        """0 everywhere unless the study orders by priority, so that ranks of others compare."""
        if self.order != "priority":
            return 0
        if self.first & _refs(draft):
            return MOST_URGENT
        return USUAL - priority_of(draft)


def group_of(stage: str, items: Sequence[Item]) -> Group:
    """What a task with these items compares."""
    item = items[0]
    if stage != Stage.RESPONSE:
        return (item.attribute.author if item.attribute else None,)
    sides = (item.first, item.second)
    return tuple(value for side in sides for value in _made_by(side))


def _made_by(response: Any) -> tuple[Any, Any]:
    return (response.strategy, response.model) if response else (None, None)


def priority_of(draft: Draft) -> int:
    """The number under `priority` of its prompt or conversation; 0 without one."""
    about = draft.task.prompt or draft.task.conversation
    number = (about.extra if about else {}).get("priority")
    if isinstance(number, bool) or not isinstance(number, int | float):
        return 0
    return round(max(-RANGE, min(RANGE, number)))


def _refs(draft: Draft) -> set[str]:
    task = draft.task
    about = [task.prompt, task.conversation, *(item.attribute for item in draft.items)]
    return {row.ref for row in about if row}


def _counts(study: Study, stage: str) -> Counter[Group]:
    """How many tasks of each group there are already."""
    columns = _GROUPS[Stage(stage)]
    rows = TaskItem.objects.filter(
        task__study=study, task__stage=stage, task__purpose=Purpose.MAIN, position=0
    ).order_by()
    found = rows.values_list(*columns).annotate(n=Count("pk"))
    return Counter({tuple(row[:-1]): row[-1] for row in found})
