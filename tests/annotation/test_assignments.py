"""Places: taken once, given back, skipped, and never too many."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.actions.assignments import claim_next, release_assignment, skip_assignment
from annotation.actions.raters import external_rater, rater_for_participant
from annotation.errors import NotYours, StaleFence, StudyClosed
from annotation.models import Assignment, Rater, Skip
from studies.actions.consents import withdraw_consent
from studies.models import Participant, Study
from tests.samples import make_pairs, make_participant, make_study, pairwise_study

pytestmark = pytest.mark.django_db


def claim(study: Study, rater: Rater, role: str = "peer") -> Assignment | None:
    return claim_next(study=study, stage="response", role=role, rater=rater)


def test_claim_next_leases_a_place_with_a_fence() -> None:
    study = pairwise_study(1)

    place = claim(study, external_rater(study=study, name="w1"))

    assert place is not None
    assert (place.state, place.fence, place.rater.ref) == ("leased", 1, "w1")  # type: ignore[union-attr]


def test_claim_next_gives_the_held_place_again() -> None:
    study = pairwise_study(3)
    rater = external_rater(study=study, name="w1")

    first, second = claim(study, rater), claim(study, rater)

    assert first
    assert second
    assert (first.id, first.fence) == (second.id, second.fence)


def test_claim_next_gives_a_task_to_a_rater_only_once() -> None:
    study = pairwise_study(1, places=3)
    rater = external_rater(study=study, name="w1")
    Assignment.objects.filter(pk=claim(study, rater).pk).update(  # type: ignore[union-attr]
        state="done", lease_until=None
    )

    assert claim(study, rater) is None


def test_claim_next_prefers_tasks_that_nobody_judged() -> None:
    study = pairwise_study(2, places=2)

    places = [claim(study, external_rater(study=study, name=name)) for name in ("w1", "w2")]

    assert [place.place for place in places if place] == [1, 1]


def test_claim_next_alternates_sides_within_a_task() -> None:
    study = pairwise_study(1, places=4)

    places = [claim(study, external_rater(study=study, name=f"w{n}")) for n in range(4)]

    assert sorted(place.is_swapped for place in places if place) == [False, False, True, True]


def expired(study: Study) -> Assignment:
    """A place whose holder's time ran out."""
    place = claim(study, external_rater(study=study, name="late"))
    assert place
    Assignment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return place


def test_claim_next_gives_a_stand_in_for_a_place_whose_lease_ran_out() -> None:
    study = pairwise_study(1, places=1)
    late = expired(study)

    taken = claim(study, external_rater(study=study, name="w2"))

    assert taken
    late.refresh_from_db()
    assert (late.state, late.rater.ref, late.fence) == ("lapsed", "late", 1)  # type: ignore[union-attr]
    assert (taken.place, taken.rank, taken.is_swapped) == (2, late.rank, late.is_swapped)
    assert claim(study, external_rater(study=study, name="w3")) is None


def test_claim_next_gives_who_was_late_their_place_again_while_nobody_took_it() -> None:
    study = pairwise_study(1, places=1)
    late = expired(study)

    again = claim(study, external_rater(study=study, name="late"))

    assert again
    assert (again.id, again.fence) == (late.id, late.fence)


def test_claim_next_never_gives_peers_their_own() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    make_pairs(study, 2, owner)

    assert claim(study, rater_for_participant(owner)) is None


def test_claim_next_leaves_out_what_its_owner_no_longer_shares() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    make_pairs(study, 2, owner)
    withdraw_consent(participant=owner, scope="peers")

    assert claim(study, external_rater(study=study, name="w1")) is None


@pytest.mark.parametrize(("spoken", "is_given"), [("ko", False), ("es", True), ("", True)])
def test_claim_next_gives_raters_what_they_can_read(spoken: str, is_given: bool) -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    make_pairs(study, 1, owner)
    rater = external_rater(study=study, name="w1")
    Participant.objects.filter(pk=owner.pk).update(language=spoken)
    Participant.objects.filter(ref="w1").update(language="es")

    assert (claim(study, rater) is not None) == is_given


def test_claim_next_takes_a_held_place_back_that_is_no_longer_shared() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    make_pairs(study, 1, owner)
    rater = external_rater(study=study, name="w1")
    assert claim(study, rater) is not None

    withdraw_consent(participant=owner, scope="peers")

    assert claim(study, rater) is None


def test_claim_next_gives_owners_only_their_own() -> None:
    study = make_study(stages={"response": {"overlap": {"owner": 1}}})
    owner, other = make_participant(study, "p1"), make_participant(study, "p2")
    make_pairs(study, 1, owner)

    assert claim(study, rater_for_participant(other), "owner") is None
    assert claim(study, rater_for_participant(owner), "owner") is not None


def test_claim_next_refuses_a_closed_study() -> None:
    study = pairwise_study(1)
    rater = external_rater(study=study, name="w1")
    study.state = Study.State.CLOSED

    with pytest.raises(StudyClosed):
        claim(study, rater)


def test_claim_next_refuses_who_withdrew() -> None:
    study = pairwise_study(1)
    rater = external_rater(study=study, name="w1")
    withdraw_consent(participant=rater.participant, scope="take_part")  # type: ignore[arg-type]

    with pytest.raises(PermissionDenied, match="not agreed"):
        claim(study, rater)


def test_claim_next_refuses_an_expert_nobody_named() -> None:
    study = pairwise_study(1)

    with pytest.raises(PermissionDenied, match="experts"):
        claim(study, external_rater(study=study, name="w1"), "expert")


def test_claim_next_costs_the_same_for_one_task_and_for_many() -> None:
    counts = []
    for size in (1, 30):
        study = pairwise_study(size, slug=f"study-{size}")
        rater = external_rater(study=study, name="w1")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            claim(study, rater)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_release_assignment_frees_the_place_at_once() -> None:
    study = pairwise_study(1, places=1)
    rater = external_rater(study=study, name="w1")
    place = claim(study, rater)
    assert place

    release_assignment(assignment_id=place.id, rater=rater, fence=1)

    taken = claim(study, external_rater(study=study, name="w2"))
    assert taken
    assert (taken.id, taken.fence) == (place.id, 2)


def test_release_assignment_refuses_a_stale_fence() -> None:
    study = pairwise_study(1)
    rater = external_rater(study=study, name="w1")
    place = claim(study, rater)
    assert place

    with pytest.raises(StaleFence):
        release_assignment(assignment_id=place.id, rater=rater, fence=0)


def test_release_assignment_refuses_who_does_not_hold_it() -> None:
    study = pairwise_study(1)
    place = claim(study, external_rater(study=study, name="w1"))
    assert place

    with pytest.raises(NotYours):
        release_assignment(
            assignment_id=place.id, rater=external_rater(study=study, name="w2"), fence=1
        )


def test_skip_assignment_keeps_the_reason_and_adds_a_place() -> None:
    study = pairwise_study(1, places=1)
    rater = external_rater(study=study, name="w1")
    place = claim(study, rater)
    assert place

    skip_assignment(assignment_id=place.id, rater=rater, fence=1, reason="uncomfortable")

    assert list(Skip.objects.values_list("rater__ref", "reason")) == [("w1", "uncomfortable")]
    states = Assignment.objects.order_by("place").values_list("place", "state")
    assert list(states) == [(1, "skipped"), (2, "free")]
    assert claim(study, rater) is None


def test_skip_assignment_wants_a_reason() -> None:
    study = pairwise_study(1)
    rater = external_rater(study=study, name="w1")
    place = claim(study, rater)
    assert place

    with pytest.raises(ValidationError, match="why"):
        skip_assignment(assignment_id=place.id, rater=rater, fence=1, reason=" ")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "free", "lease_until": None},
        {"lease_until": None},
        {"role": "owner"},
    ],
    ids=["free with a rater", "leased for ever", "an owner of nothing"],
)
def test_the_database_refuses_impossible_places(change: dict[str, object]) -> None:
    study = pairwise_study(1)
    place = claim(study, external_rater(study=study, name="w1"))
    assert place

    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=place.pk).update(**change)


def test_the_database_refuses_a_second_place_in_the_same_task() -> None:
    study = pairwise_study(1, places=2)
    place = claim(study, external_rater(study=study, name="w1"))
    assert place
    other = Assignment.objects.exclude(pk=place.pk).get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=other.pk).update(rater=place.rater, state="done")
