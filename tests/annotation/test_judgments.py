"""Submitting: once, by its holder, within the scale, in the item's own order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.actions.assignments import claim_next, release_assignment
from annotation.actions.judgments import Entry, revise_assignment, submit_assignment
from annotation.actions.raters import external_rater, rater_for_participant
from annotation.actions.tasks import open_tasks
from annotation.errors import AlreadySubmitted, NotYours, StaleFence, StudyClosed
from annotation.models import Assignment, Judgment
from annotation.pay_time import paid_tasks
from annotation.screens import screen_of
from generation.models import Prompt, Selection
from studies.actions.consents import withdraw_consent
from studies.models import Study
from tests.samples import (
    close_studies,
    make_attribute,
    make_conversation,
    make_participant,
    make_study,
    pairwise_study,
)

pytestmark = pytest.mark.django_db


def claimed(study: Study, name: str = "w1", stage: str = "response") -> Assignment:
    rater = external_rater(study=study, name=name)
    place = claim_next(study=study, stage=stage, role="peer", rater=rater)
    assert place
    return place


def entries(place: Assignment, **answers: Any) -> list[Entry]:
    given = answers or {"preference": "1"}
    return [Entry(item=shown.ref, answers=given) for shown in screen_of(place).items]


def submit(place: Assignment, **options: Any) -> list[Judgment]:
    values = {"assignment_id": place.id, "rater": place.rater, "fence": place.fence}
    return submit_assignment(**{**values, "entries": entries(place), **options})


def test_submit_assignment_stores_one_judgment_per_item_and_closes_the_place() -> None:
    place = claimed(pairwise_study(1))

    judgments = submit(place)

    place.refresh_from_db()
    assert (place.state, place.lease_until, len(judgments)) == ("done", None, 1)
    assert place.presentation_digest == judgments[0].presentation_digest != ""


def lapsed(study: Study) -> Assignment:
    """A place whose rater is late: somebody else holds another in its stead."""
    place = claimed(study, "late")
    Assignment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claimed(study, "in time")
    return place


def test_late_answer_is_kept_as_surplus_and_paid() -> None:
    study = pairwise_study(1, places=1)
    place = lapsed(study)

    judgments = submit(place, key="k")

    place.refresh_from_db()
    assert (place.state, [row.is_surplus for row in judgments]) == ("surplus", [True])
    assert paid_tasks("response")(place.rater.participant) == 1  # type: ignore[union-attr, arg-type]
    assert submit(place, key="k") == judgments


def test_late_answer_leaves_the_place_in_its_stead_alone() -> None:
    study = pairwise_study(1, places=1)
    late = lapsed(study)

    submit(late)

    (judgment,) = submit(Assignment.objects.select_related("rater").get(state="leased"))
    assert not judgment.is_surplus
    assert Assignment.objects.filter(state="done").count() == 1


def test_place_that_lapsed_cannot_be_skipped_or_given_back() -> None:
    place = lapsed(pairwise_study(1, places=1))

    with pytest.raises(StaleFence):
        release_assignment(assignment_id=place.id, rater=place.rater, fence=place.fence)


@pytest.mark.parametrize(("is_swapped", "stored"), [(False, "1"), (True, "2")])
def test_submit_assignment_stores_answers_in_the_items_own_order(
    is_swapped: bool, stored: str
) -> None:
    place = claimed(pairwise_study(1))
    Assignment.objects.update(is_swapped=is_swapped)

    (judgment,) = submit(place)

    assert (judgment.answers, judgment.is_swapped) == ({"preference": stored}, is_swapped)


def test_submit_assignment_answers_the_same_key_with_the_same_judgments() -> None:
    place = claimed(pairwise_study(1))

    first, second = submit(place, key="k"), submit(place, key="k")

    assert [row.ref for row in first] == [row.ref for row in second]
    assert Judgment.objects.count() == 1


def test_submit_assignment_takes_the_same_key_whatever_the_time_it_took() -> None:
    place = claimed(pairwise_study(1))
    (entry,) = entries(place)
    first = submit(place, key="k", entries=[replace(entry, seconds=3.0)])

    assert submit(place, key="k", entries=[replace(entry, seconds=4, pasted=0)]) == first


def test_submit_assignment_refuses_other_answers_under_the_same_key() -> None:
    place = claimed(pairwise_study(1))
    submit(place, key="k")

    with pytest.raises(ValidationError, match="other answers"):
        submit(place, key="k", entries=entries(place, preference="tie"))


@pytest.mark.parametrize("key", ["", "other"])
def test_submit_assignment_refuses_a_second_submission(key: str) -> None:
    place = claimed(pairwise_study(1))
    submit(place, key="k")

    with pytest.raises(AlreadySubmitted):
        submit(place, key=key)


@pytest.mark.parametrize("fence", [0, 2])
def test_submit_assignment_refuses_another_fence(fence: int) -> None:
    place = claimed(pairwise_study(1))

    with pytest.raises(StaleFence):
        submit(place, fence=fence)


def test_submit_assignment_refuses_who_does_not_hold_the_place() -> None:
    study = pairwise_study(1)
    place = claimed(study)

    with pytest.raises(NotYours):
        submit(place, rater=external_rater(study=study, name="w2"))


def test_submit_assignment_refuses_a_place_that_does_not_exist() -> None:
    place = claimed(pairwise_study(1))

    with pytest.raises(NotYours):
        submit(place, assignment_id=uuid4())


def test_submit_assignment_refuses_a_closed_study() -> None:
    place = claimed(pairwise_study(1))
    close_studies()

    with pytest.raises(StudyClosed):
        submit(place)


@pytest.mark.parametrize(
    "answers",
    [{"preference": "3"}, {"preference": 1}, {"preference": None}, {"unknown": "1"}],
    ids=["outside the scale", "a number", "null", "unknown question"],
)
def test_submit_assignment_stores_nothing_of_a_wrong_answer(answers: dict[str, Any]) -> None:
    place = claimed(pairwise_study(1))

    with pytest.raises(ValidationError):
        submit(place, entries=entries(place, **answers))

    place.refresh_from_db()
    assert (place.state, Judgment.objects.count()) == ("leased", 0)


def test_submit_assignment_names_items_left_out_and_foreign_ones() -> None:
    place = claimed(pairwise_study(1))
    (shown,) = screen_of(place).items

    with pytest.raises(ValidationError) as refusal:
        submit(place, entries=[Entry(item="foreign", answers={})])

    assert refusal.value.message_dict == {
        "foreign": ["This item is not part of the task."],
        shown.ref: ["This item was not answered."],
    }


def test_submit_assignment_refuses_a_comment_that_is_too_long() -> None:
    place = claimed(pairwise_study(1))
    (entry,) = entries(place)
    long = Entry(item=entry.item, answers=entry.answers, comment="x" * 5_001)

    with pytest.raises(ValidationError, match="at most 5,000"):
        submit(place, entries=[long])


def test_revise_assignment_appends_the_next_revision() -> None:
    place = claimed(pairwise_study(1))
    submit(place)
    assert place.rater

    revise_assignment(
        assignment_id=place.id, rater=place.rater, entries=entries(place, preference="tie")
    )

    kept = Judgment.objects.order_by("revision").values_list("revision", "answers__preference")
    assert [revision for revision, _ in kept] == [1, 2]
    latest = Judgment.objects.all().latest_revisions()
    assert [row.answers for row in latest] == [{"preference": "tie"}]


def test_revise_assignment_shows_what_was_shown_before() -> None:
    place = claimed(pairwise_study(1))
    (first,) = submit(place, language="ko")
    assert place.rater

    (second,) = revise_assignment(
        assignment_id=place.id, rater=place.rater, entries=entries(place), language="ko"
    )

    assert second.presentation_digest == first.presentation_digest


def test_the_database_refuses_the_same_judgment_twice() -> None:
    place = claimed(pairwise_study(1))
    (judgment,) = submit(place)
    judgment.pk, judgment.ref = uuid4(), "another"
    judgment._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        judgment.save(force_insert=True)


def relevance_place(role: str) -> Assignment:
    study = make_study(stages={"relevance": {"overlap": {role: 1}}})
    owner = make_participant(study)
    conversation = make_conversation(owner, "I like trains", "Noted")
    make_attribute(conversation, "Likes trains", "I like trains")
    Prompt.objects.create(study=study, participant=owner, ref="q1", text="Plan a trip")
    open_tasks(study=study, stage="relevance")
    rater = (
        rater_for_participant(owner) if role == "owner" else external_rater(study=study, name="w1")
    )
    place = claim_next(study=study, stage="relevance", role=role, rater=rater)
    assert place
    return place


@pytest.mark.parametrize(
    ("role", "source", "answer", "value"),
    [
        ("owner", "owner", {"relevance": "must", "comfort": "comfortable"}, True),
        ("peer", "peers", {"relevance": "optional"}, False),
    ],
)
def test_submit_assignment_selects_what_was_decided(
    role: str, source: str, answer: dict[str, str], value: bool
) -> None:
    place = relevance_place(role)

    submit(place, entries=entries(place, **answer))

    assert list(Selection.objects.values_list("source", "value")) == [(source, value)]


def test_submit_assignment_refuses_who_withdrew_meanwhile() -> None:
    place = claimed(pairwise_study(1))
    assert place.rater
    assert place.rater.participant
    withdraw_consent(participant=place.rater.participant, scope="take_part")

    with pytest.raises(PermissionDenied, match="withdrawn"):
        submit(place)

    assert Judgment.objects.count() == 0
