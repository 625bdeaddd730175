"""The order of places and the sides shown: balanced, and drawn again alike."""

from collections import Counter
from typing import Any

import pytest

from annotation.actions.tasks import open_tasks
from annotation.models import Assignment, Item, Task
from annotation.places import new_places
from annotation.ranks import (
    Drawing,
    first_rank,
    is_swapped_at,
    rank_at_place,
    rank_of_task,
    seed_of,
)
from annotation.stages.stage import Draft
from generation.models import Prompt, Response
from studies.models import Study
from tests.samples import PREFERENCE, make_study, pairwise_study

STRATEGIES = ("all", "generic", "history", "retrieved")


def compared(count: int, **section: Any) -> Study:
    """Requests with a response per strategy, each compared with generic, opened as tasks."""
    stage = {"rubric": PREFERENCE, "overlap": {"peer": 1}, "seed": 7, **section}
    study = make_study(stages={"response": stage})
    add_prompts(study, count)
    open_tasks(study=study, stage="response")
    return study


def add_prompts(study: Study, count: int, start: int = 0, **extra: Any) -> None:
    """Requests with a response per strategy."""
    prompts = [
        Prompt(study=study, ref=f"q{start + n}", text=f"Request {start + n}", extra=extra)
        for n in range(count)
    ]
    Prompt.objects.bulk_create(prompts)
    Response.objects.bulk_create(
        Response(
            study=study, prompt=prompt, ref=f"{prompt.ref}-{name}", strategy=name, model="m",
            text=f"{name} for {prompt.ref}",
        )
        for prompt in prompts
        for name in STRATEGIES
    )  # fmt: skip


def in_order(study: Study) -> list[tuple[str, bool]]:
    """(strategy compared with generic, swapped?) in the order of giving out."""
    places = Assignment.objects.filter(study=study).order_by("rank")
    rows = places.values_list("task__task_items__item__second__strategy", "rank")
    return [(strategy, is_swapped_at(rank)) for strategy, rank in rows]


def drafts(study: Study, count: int) -> list[Draft]:
    """Unsaved tasks that compare each strategy with generic in turn."""
    generic = Response(study=study, strategy="generic", model="m")
    others = [Response(study=study, strategy=name, model="m") for name in STRATEGIES[2:]]
    return [
        Draft(Task(stage="response"), (Item(first=generic, second=others[n % len(others)]),))
        for n in range(count)
    ]


@pytest.mark.django_db
def test_sides_of_ten_thousand_places_are_balanced_within_each_pair_of_strategies() -> None:
    study = make_study()
    rows = drafts(study, 1_430)
    sides: dict[str, list[bool]] = {name: [] for name in STRATEGIES[2:]}

    for draft, first in zip(rows, Drawing(study, "response", {}).ranks(rows), strict=True):
        second = draft.items[0].second
        assert second
        places = (rank_at_place(first, place) for place in range(1, 8))
        sides[second.strategy] += [is_swapped_at(rank) for rank in places]

    assert sum(map(len, sides.values())) == 10_010
    for shown in sides.values():
        assert abs(sum(shown) / len(shown) - 0.5) <= 0.015


@pytest.mark.django_db
def test_balanced_order_compares_strategies_equally_often_at_any_time() -> None:
    places = in_order(compared(60, order="balanced"))
    seen = Counter({name: 0 for name, _ in places})
    swapped = 0

    for count, (strategy, is_swapped) in enumerate(places, 1):
        seen[strategy] += 1
        swapped += is_swapped
        assert max(seen.values()) - min(seen.values()) <= 1
        assert abs(2 * swapped - count) <= 4


@pytest.mark.django_db
def test_balanced_order_goes_on_where_it_stood_when_more_is_opened() -> None:
    study = compared(5, order="balanced")
    add_prompts(study, 5, start=5)
    open_tasks(study=study, stage="response")

    sides = Counter(in_order(study))

    assert set(sides.values()) == {5}


@pytest.mark.django_db
def test_priority_comes_first_and_named_requests_before_it() -> None:
    study = compared(3, order="priority", first=["q2"])
    add_prompts(study, 1, start=3, priority=5)
    open_tasks(study=study, stage="response")

    places = Assignment.objects.filter(study=study).order_by("rank")
    prompts = list(places.values_list("task__prompt__ref", flat=True))

    assert (prompts[:3], prompts[3:6]) == (["q2"] * 3, ["q3"] * 3)


@pytest.mark.django_db
def test_drawing_repeats_from_the_seed_and_the_tasks_ids() -> None:
    study = compared(20, overlap={"peer": 2})
    ranks = dict(Assignment.objects.values_list("pk", "rank"))

    first = {place.task_id: place.rank for place in Assignment.objects.filter(place=1)}
    again = {
        place.pk: rank_at_place(first[place.task_id], place.place)
        for place in Assignment.objects.all()
    }

    assert again == ranks
    assert seed_of(study, "response") == 7
    shuffled = sorted(first, key=lambda task: first[task])
    assert shuffled != sorted(first)


@pytest.mark.django_db
def test_without_a_seed_the_drawing_follows_from_the_study() -> None:
    study = pairwise_study(1)

    assert seed_of(study, "response") == seed_of(Study.objects.get(), "response")
    assert seed_of(study, "response") != seed_of(study, "relevance")


@pytest.mark.django_db
def test_a_later_place_knows_the_rank_of_the_first() -> None:
    task = Task.objects.get(study=pairwise_study(1))
    first = rank_of_task(3, task.id)

    places = new_places(task=task, role="peer", count=3, start=5, first=first)

    assert [first_rank(place.rank, place.place) for place in places] == [first] * 3
    assert [is_swapped_at(place.rank) for place in places] != [is_swapped_at(first)] * 3
