"""Places against a model of them, over any order of claims, answers, skips and lost leases.

The machine must also notice when a guard is missing: a test that can't fail proves nothing.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from annotation import candidates
from annotation.actions import assignments, judgments
from annotation.actions.assignments import claim_next, release_assignment, skip_assignment
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater
from annotation.errors import AlreadySubmitted, NotYours, StaleFence
from annotation.models import Assignment, Judgment, Rater
from annotation.querysets import AssignmentQuerySet
from studies.models import Study
from tests.rewinding import RewindingMachine
from tests.samples import pairwise_study
from tests.services import on_sqlite

TASKS, PLACES, RATERS = 1, 2, 3
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Place:
    """What the model says of one place."""

    task: UUID
    state: str = "free"
    rater: int | None = None
    fence: int = 0
    is_expired: bool = False
    is_stand_in: bool = False


@dataclass(frozen=True)
class Handle:
    """What a rater was given once, and may come back with at any time."""

    place: UUID
    rater: int
    fence: int


class PlaceMachine(RewindingMachine):
    """Some raters, and every place that any of them ever held."""

    study: ClassVar[Study]
    raters: ClassVar[list[Rater]]

    def __init__(self) -> None:
        super().__init__()
        rows = Assignment.objects.order_by("rank").values_list("pk", "task")
        self.places = {pk: Place(task) for pk, task in rows}
        self.handles: list[Handle] = []

    @rule(rater=st.integers(0, RATERS - 1))
    def claim(self, rater: int) -> None:
        given = claim_next(
            study=self.study, stage="response", role="peer", rater=self.raters[rater]
        )
        held = [pk for pk, one in self.places.items() if self._is_held(one, rater)]
        if held:
            assert given is not None
            assert (given.pk, given.fence) == (held[0], self.places[held[0]].fence)
            self.places[given.pk].is_expired = False
            return
        likely = [pk for pk, one in self.places.items() if self._may_take(one, rater)]
        assert (given is None) == (not likely)
        if given is not None:
            if given.pk not in self.places:
                self._let_lapse(given)
            assert given.pk in likely or self.places[given.pk].is_stand_in
            place = self.places[given.pk]
            place.state, place.rater, place.is_expired = "leased", rater, False
            place.fence += 1
            assert given.fence == place.fence
            self.handles.append(Handle(given.pk, rater, given.fence))

    def _let_lapse(self, given: Assignment) -> None:
        """A new place is given only in the stead of one whose time ran out, and of its rank."""
        lapsed = Assignment.objects.filter(state="lapsed").values_list("pk", flat=True)
        (gone,) = [pk for pk in lapsed if self.places[pk].is_expired]
        assert Assignment.objects.get(pk=gone).rank == given.rank
        self.places[gone].state, self.places[gone].is_expired = "lapsed", False
        self.places[given.pk] = Place(given.task_id, is_stand_in=True)

    @precondition(lambda self: self.handles)
    @rule(drawn=st.data(), act=st.sampled_from(["submit", "submit", "release", "skip"]))
    def come_back(self, drawn: Any, act: str) -> None:
        handle = drawn.draw(st.sampled_from(self.handles))
        place = self.places[handle.place]
        is_good = self._is_held(place, handle.rater) and place.fence == handle.fence
        if act == "submit" and place.state == "lapsed":
            assert self._is_accepted(act, handle)
            place.state = "surplus"
            return
        assert self._is_accepted(act, handle) == is_good
        if is_good and act == "release":
            place.state, place.rater, place.is_expired = "free", None, False
        elif is_good:
            place.state, place.is_expired = "done" if act == "submit" else "skipped", False
        if is_good and act == "skip":
            new = Assignment.objects.exclude(pk__in=self.places).get()
            self.places[new.pk] = Place(new.task_id)

    @precondition(lambda self: self.handles)
    @rule()
    def let_leases_end(self) -> None:
        Assignment.objects.filter(state="leased").update(lease_until=LONG_AGO)
        for place in self.places.values():
            place.is_expired = place.state == "leased"

    @invariant()
    def table_equals_model(self) -> None:
        rows = Assignment.objects.values_list("pk", "state", "rater", "fence")
        ids = [rater.pk for rater in self.raters]
        assert {pk: tuple(row) for pk, *row in rows} == {
            pk: (one.state, None if one.rater is None else ids[one.rater], one.fence)
            for pk, one in self.places.items()
        }

    @invariant()
    def every_done_place_has_its_judgment_and_no_item_too_many(self) -> None:
        stored = Judgment.objects.values_list("assignment", flat=True)
        done = [pk for pk, one in self.places.items() if one.state in ("done", "surplus")]
        assert Counter(stored) == Counter(done)
        late = Judgment.objects.filter(is_surplus=True).values_list("assignment", flat=True)
        assert set(late) == {pk for pk, one in self.places.items() if one.state == "surplus"}
        beside = ("skipped", "lapsed", "surplus")
        tasks = Counter(one.task for one in self.places.values() if one.state not in beside)
        assert set(tasks.values()) == {PLACES}

    @staticmethod
    def _is_held(place: Place, rater: int) -> bool:
        return place.state == "leased" and place.rater == rater

    def _may_take(self, place: Place, rater: int) -> bool:
        """Free, or lost by another, in a task in which the rater has no place."""
        is_left = place.state == "free" or place.is_expired
        beside = [one for one in self.places.values() if one.task == place.task]
        return is_left and all(one.rater != rater for one in beside)

    def _is_accepted(self, act: str, handle: Handle) -> bool:
        given: dict[str, Any] = {"assignment_id": handle.place, "fence": handle.fence}
        given["rater"] = self.raters[handle.rater]
        try:
            if act == "submit":
                ref = Assignment.objects.get(pk=handle.place).task.task_items.get().item.ref
                submit_assignment(**given, entries=[Entry(ref, {"preference": "1"})])
            else:
                (release_assignment if act == "release" else skip_assignment)(
                    **given, reason="Too tired."
                )
        except (StaleFence, NotYours, AlreadySubmitted):
            return False
        return True


EXAMPLES = 60 if on_sqlite() else 150
SETTINGS = settings(
    # Until a mutant shows: mostly soon, but what is drawn depends on which modules are loaded.
    max_examples=3_000,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    # An example found without a guard is proof enough; shrinking it would take a minute.
    phases=[Phase.generate],
)


@pytest.fixture
def machine(db: None) -> type[PlaceMachine]:
    """A task of two places, and three raters."""
    study = PlaceMachine.study = pairwise_study(TASKS, PLACES)
    PlaceMachine.raters = [external_rater(study=study, name=f"w{n}") for n in range(RATERS)]
    return PlaceMachine


@pytest.mark.long
def test_places_behave_as_their_model(machine: type[PlaceMachine]) -> None:
    run_state_machine_as_test(machine, settings=settings(SETTINGS, max_examples=EXAMPLES))


# -- Without its guards ----------------------------------------------------------


def open_to_anybody(place: Assignment, fence: int) -> None:
    """No look at the fence."""


def lease_as_before(place: Assignment, rater: Rater, *, is_held: bool) -> Assignment:
    place.fence -= not is_held
    return LEASE(place, rater, is_held=is_held)


def all_leased(_study: Any, stage: str, role: str, _rater: Any) -> Assignment | None:
    leased = Assignment.objects.filter(stage=stage, role=role, state="leased")
    return leased.select_related("task").annotate(asked_at=Now()).first()


def nothing_held(*_place: Any) -> None:
    return None


def everybody(places: AssignmentQuerySet, *_whom: Any) -> AssignmentQuerySet:
    return places


def no_place_more(_place: Assignment) -> None:
    """Who skips, or whose time runs out, leaves a gap."""


LEASE = assignments._lease
MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "submitting without a fence": (judgments, "_check_open", open_to_anybody),
    "claiming without a fence": (assignments, "_lease", lease_as_before),
    "leases never hold": (assignments, "_expired", all_leased),
    "two places at once": (assignments, "_held_place", nothing_held),
    "the same task twice": (candidates, "_eligible", everybody),
    "a skipped place is not made up for": (assignments, "add_place", no_place_more),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_machine_notices_a_missing_guard(
    machine: type[PlaceMachine],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    mutant: str,
) -> None:
    monkeypatch.setattr(*MUTANTS[mutant])
    for statement in (candidates.free, candidates.expired):
        statement.cache_clear()
        request.addfinalizer(statement.cache_clear)

    with pytest.raises(Exception):  # noqa: B017, PT011  whatever it stumbles over
        run_state_machine_as_test(machine, settings=SETTINGS)
