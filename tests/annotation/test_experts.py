"""What experts are asked to decide: taken back while nobody has begun, asked again when due."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection

from annotation.actions.assignments import release_assignment, skip_assignment
from annotation.actions.changing import change_answers
from annotation.actions.exclusions import end_exclusion, exclude_rater
from annotation.actions.judgments import Entry
from annotation.actions.leaving import give_back_places, vacate_places
from annotation.earlier import revision_of, said_in, shown_answers
from annotation.models import Assignment, Rater, Task
from annotation.screens import screen_of
from studies.models import Study
from tests.annotation.test_disputes import ROUTED, say, settle, study_with
from tests.annotation.test_exclusions import ada
from tests.annotation.working import answer, claim, expert
from tests.generation.machine import work_off

pytestmark = pytest.mark.django_db

EXPERTS = 8


def disputed(**section: Any) -> Study:
    """Two peers disagree about one item, which waits for an expert."""
    study = study_with(**{**ROUTED, **section})
    say(study, w1="1", w2="2")
    settle(study)
    return study


def change(study: Study, name: str, value: str, *, only: int = 9, is_done: bool = True) -> None:
    """Let a peer favour another response of the first items, and what follows be done."""
    for place in Assignment.objects.filter(study=study, rater__ref=name, purpose="main"):
        said = said_in(place)
        entries = []
        for n, shown in enumerate(screen_of(place).items):
            turned = {"1": "2", "2": "1"}[value] if place.is_swapped else value
            before = shown_answers(shown, said[shown.ref])
            entries.append(Entry(shown.ref, {"preference": turned} if n < only else before))
        assert place.rater
        known = revision_of(said)
        change_answers(assignment_id=place.pk, rater=place.rater, entries=entries, known=known)
    if is_done:
        work_off()


def for_experts(study: Study) -> list[str]:
    """States of places of experts, as they were made."""
    places = Assignment.objects.filter(study=study, role="expert").order_by("task_id", "place")
    return list(places.values_list("state", flat=True))


def test_an_experts_place_is_taken_back_when_others_come_to_agree() -> None:
    study = disputed()
    before = for_experts(study)

    change(study, "w2", "1")

    assert (before, for_experts(study)) == (["free"], [])
    assert not Task.objects.filter(purpose="adjudication").exists()
    assert claim(study, expert(study), role="expert") is None


def test_an_expert_is_asked_again_when_others_disagree_anew() -> None:
    study = disputed()
    change(study, "w2", "1")

    change(study, "w2", "2")

    assert for_experts(study) == ["free"]
    assert claim(study, expert(study), role="expert")


def test_a_change_to_disagreement_is_noticed_too() -> None:
    study = study_with(**ROUTED)
    say(study, w1="1", w2="1")
    settle(study)

    change(study, "w2", "2")

    assert for_experts(study) == ["free"]


def test_what_an_expert_holds_or_decided_is_not_taken_back() -> None:
    study = disputed()
    place = claim(study, expert(study), role="expert")
    assert place
    seen = []
    change(study, "w2", "1")
    seen.append(for_experts(study))
    answer(place, preference="tie")
    for value in ("2", "1"):
        change(study, "w2", value)
        seen.append(for_experts(study))

    assert seen == [["leased"], ["done"], ["done"]]


def release(place: Assignment) -> None:
    release_assignment(assignment_id=place.pk, rater=place.rater, fence=place.fence)


def skip(place: Assignment) -> None:
    skip_assignment(
        assignment_id=place.pk, rater=place.rater, fence=place.fence, reason="I know them."
    )


def leave(place: Assignment) -> None:
    assert place.rater
    assert place.rater.participant
    give_back_places(participant=place.rater.participant)


def be_erased(place: Assignment) -> None:
    assert place.rater
    assert place.rater.participant
    answer(place, preference="tie")
    vacate_places(participant=place.rater.participant)


@pytest.mark.parametrize(
    ("go", "left"), [(release, []), (skip, ["skipped"]), (leave, []), (be_erased, [])]
)
def test_a_place_given_back_after_others_agreed_is_taken_back(
    go: Callable[[Assignment], None], left: list[str]
) -> None:
    study = disputed()
    place = claim(study, expert(study), role="expert")
    assert place
    change(study, "w2", "1")

    go(place)
    work_off()

    assert for_experts(study) == left


def test_who_passed_a_decision_on_is_not_asked_again_when_others_disagree_anew() -> None:
    study = disputed()
    first = expert(study)
    place = claim(study, first, role="expert")
    assert place
    skip(place)
    change(study, "w2", "1")

    change(study, "w2", "2")

    assert for_experts(study) == ["skipped", "free"]
    assert claim(study, first, role="expert") is None
    assert claim(study, expert(study, "y"), role="expert")


def on_one_screen(study: Study) -> None:
    """Ask what two tasks ask in the first of them."""
    first, second = Task.objects.filter(study=study)
    second.task_items.update(task=first, position=1)
    second.delete()


def test_a_task_of_several_items_stays_while_one_of_them_is_disputed() -> None:
    study = study_with(2, **ROUTED)
    on_one_screen(study)
    say(study, w1="1", w2="2")
    settle(study)

    change(study, "w2", "1", only=1)
    before = for_experts(study)
    change(study, "w2", "1")

    assert (before, for_experts(study)) == (["free"], [])


def test_leaving_a_peer_out_takes_back_what_they_alone_disputed() -> None:
    study = disputed(adjudication={"rules": ["disagreement"]})
    rater = Assignment.objects.get(rater__ref="w2").rater
    assert rater
    exclude_rater(rater=rater, by=ada(), reason="Clicked through.")
    work_off()
    left_out = for_experts(study)

    end_exclusion(rater=rater, by=ada())
    work_off()

    assert (left_out, for_experts(study)) == ([], ["free"])


@pytest.mark.django_db(transaction=True)
def test_a_place_is_taken_back_or_taken_but_never_both() -> None:
    study = study_with(5, **ROUTED)
    for _ in range(5):
        say(study, w1="1", w2="2")
    assert settle(study) == (0, 5)
    change(study, "w2", "1", is_done=False)
    taken: list[Assignment | None] = []

    acts: list[Callable[[], Any]] = [partial(settle, study)]
    acts += [partial(take, study, expert(study, f"x{n}"), taken) for n in range(EXPERTS)]
    at_once(acts)

    left = Assignment.objects.filter(role="expert").values_list("pk", "state")
    assert len(taken) == EXPERTS
    assert set(left) == {(place.pk, "leased") for place in taken if place}


def take(study: Study, who: Rater, taken: list[Assignment | None]) -> None:
    """Let an expert ask for a place; whether there was one."""
    taken.append(claim(study, who, role="expert"))


def at_once(acts: Sequence[Callable[[], Any]]) -> None:
    """Do them in a thread each."""

    def do(act: Callable[[], Any]) -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
