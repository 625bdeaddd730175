"""Drafts: the newest wins, what is fixed stays, and nothing is kept of a place that was left."""

import pytest
from django.core.exceptions import ValidationError

from annotation.actions.assignments import claim_next, release_assignment
from annotation.actions.drafts import (
    draft_of,
    drop_draft,
    drop_left_drafts,
    keep_draft,
    lock_answers,
)
from annotation.actions.raters import rater_for_participant
from annotation.errors import NewerDraft, NotYours
from annotation.models import Assignment, Draft, Rater
from studies.models import Study
from tests.samples import make_participant, pairwise_study


@pytest.fixture
def study(db: None) -> Study:
    return pairwise_study(2)


@pytest.fixture
def rater(study: Study) -> Rater:
    return rater_for_participant(make_participant(study, "peer"))


@pytest.fixture
def place(study: Study, rater: Rater) -> Assignment:
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place
    return place


def keep(place: Assignment, version: int, **fields: str) -> int:
    assert place.rater
    return keep_draft(
        assignment_id=place.pk, rater=place.rater, fence=place.fence, fields=fields, version=version
    )


def test_draft_is_kept_and_grows(place: Assignment) -> None:
    versions = [keep(place, 0, a="1"), keep(place, 1, a="2")]

    draft = draft_of(place)
    assert draft
    assert (versions, draft.version, draft.fields) == ([1, 2], 2, {"a": "2"})


@pytest.mark.parametrize("known", [0, 1, 3])
def test_stale_draft_never_wins(place: Assignment, known: int) -> None:
    keep(place, 0, a="1")
    keep(place, 1, a="2")

    with pytest.raises(NewerDraft) as refusal:
        keep(place, known, a="stale")

    assert refusal.value.draft.fields == {"a": "2"}
    assert Draft.objects.get().fields == {"a": "2"}


@pytest.mark.parametrize("known", [0, 1])
def test_same_answers_sent_again_stay_under_their_version(place: Assignment, known: int) -> None:
    keep(place, 0, **{"item1-fit": "1", "item1-seconds": "2.5"})

    version = keep(place, known, **{"item1-fit": "1", "item1-seconds": "9.5"})

    assert (version, Draft.objects.get().version) == (1, 1)


def test_draft_of_a_place_given_out_again_is_nobodys(place: Assignment, study: Study) -> None:
    keep(place, 0, a="1")
    release_assignment(assignment_id=place.pk, rater=place.rater, fence=place.fence)
    assert place.rater
    again = claim_next(study=study, stage="response", role="peer", rater=place.rater)

    assert again
    assert draft_of(again) is None
    with pytest.raises(NotYours):
        keep(place, 1, a="late")


def test_next_holder_writes_over_what_was_left(place: Assignment) -> None:
    keep(place, 0, a="1")
    Assignment.objects.filter(pk=place.pk).update(fence=place.fence + 1)
    place.refresh_from_db()

    assert keep(place, 0, b="2") == 1
    assert Draft.objects.get().fields == {"b": "2"}


def test_draft_of_somebody_else_is_refused(place: Assignment, study: Study) -> None:
    place.rater = rater_for_participant(make_participant(study, "other"))

    with pytest.raises(NotYours):
        keep(place, 0, a="1")


def test_lapsed_place_keeps_its_draft(place: Assignment) -> None:
    Assignment.objects.filter(pk=place.pk).update(state="lapsed", lease_until=None)

    assert keep(place, 0, a="1") == 1


def test_what_was_fixed_first_stays(place: Assignment) -> None:
    assert place.rater
    keep(place, 0, a="1")
    locked = [
        lock_answers(
            assignment_id=place.pk, rater=place.rater, fence=place.fence, answers={"i": answer}
        )
        for answer in ("first", "second")
    ]

    draft = Draft.objects.get()
    assert (locked[1], draft.locked, draft.fields, draft.version) == (
        {"i": "first"}, {"i": "first"}, {}, 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields", [{"a": "x" * 200_001}, {"a": "\x00"}, {f"f{n}": "" for n in range(501)}]
)
def test_draft_that_cannot_be_kept_is_refused(place: Assignment, fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        keep(place, 0, **fields)

    assert Draft.objects.count() == 0


def test_dropped_draft_is_gone(place: Assignment) -> None:
    keep(place, 0, a="1")
    assert place.rater

    drop_draft(assignment_id=place.pk, rater=place.rater)

    assert Draft.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "dropped"),
    [
        ({}, 0),
        ({"state": "lapsed", "lease_until": None}, 0),
        ({"state": "done", "lease_until": None}, 1),
        ({"fence": 9}, 1),
    ],
)
def test_drafts_of_left_places_are_dropped(
    place: Assignment, change: dict[str, object], dropped: int
) -> None:
    keep(place, 0, a="1")
    Assignment.objects.filter(pk=place.pk).update(**change)

    assert drop_left_drafts() == dropped
