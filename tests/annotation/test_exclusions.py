"""Leaving raters out of the figures, and taking them in again."""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from annotation.actions.exclusions import end_exclusion, exclude_rater
from annotation.duties import open_duties
from annotation.eligibility import NotEligible
from annotation.models import Assignment, Exclusion, Judgment
from releases.actions.importing import import_bundle
from releases.actions.loading.load import ImportRefused
from studies.models import User
from tests.annotation.judged import judged_pairs, peer_of
from tests.annotation.test_disputes import study_with
from tests.annotation.working import answer, claim, rater, work
from tests.samples import make_study

pytestmark = pytest.mark.django_db


def ada() -> User:
    """Somebody who may do everything."""
    return User.objects.get_or_create(username="ada", is_superuser=True)[0]


def test_excluding_leaves_judgments_out_of_one_view_and_keeps_them() -> None:
    study = judged_pairs()
    before = Judgment.objects.count()

    exclude_rater(rater=peer_of(study, 0), reason=" straight lines ", by=ada())

    kept = Judgment.objects.without_excluded()
    assert (Judgment.objects.count(), kept.count()) == (before, before - 6)
    assert Exclusion.objects.values_list("reason", "by").get() == ("straight lines", "ada")


def test_ending_an_exclusion_takes_judgments_in_and_keeps_the_record() -> None:
    study = judged_pairs()
    exclude_rater(rater=peer_of(study, 0), reason="x", by=ada())

    row = end_exclusion(rater=peer_of(study, 0), by=ada())

    assert Judgment.objects.without_excluded().count() == Judgment.objects.count()
    assert (row.is_open, row.ended_by, row.reason) == (False, "ada", "x")


def test_excluding_again_after_an_end_makes_a_second_row() -> None:
    rater = peer_of(judged_pairs(), 0)
    exclude_rater(rater=rater, reason="x", by=ada())
    end_exclusion(rater=rater, by=ada())

    exclude_rater(rater=rater, reason="y", by=ada())

    assert list(rater.exclusions.values_list("reason", flat=True)) == ["x", "y"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x00"])
def test_excluding_needs_a_reason(reason: str) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        exclude_rater(rater=peer_of(judged_pairs(), 0), reason=reason, by=ada())


def test_excluding_twice_is_refused() -> None:
    rater = peer_of(judged_pairs(), 0)
    exclude_rater(rater=rater, reason="x", by=ada())

    with pytest.raises(ValidationError, match="left out already"):
        exclude_rater(rater=rater, reason="x", by=ada())


def test_excluding_a_model_is_refused() -> None:
    model = judged_pairs().raters.filter(kind="llm").first()
    assert model

    with pytest.raises(ValidationError, match="Only people"):
        exclude_rater(rater=model, reason="x", by=ada())


def test_ending_without_an_exclusion_is_refused() -> None:
    with pytest.raises(ValidationError, match="not left out"):
        end_exclusion(rater=peer_of(judged_pairs(), 0), by=ada())


@pytest.mark.parametrize(
    ("kind", "count", "sentence"),
    [("human", 2, "leaves somebody out twice at once"), ("llm", 1, "is never left out")],
)
def test_bundle_with_exclusions_that_cannot_be_is_refused(
    kind: str, count: int, sentence: str
) -> None:
    left_out = [{"reason": "x", "at": "2026-11-01T10:00:00Z"}] * count
    rater = {"kind": "rater", "id": "r1", "rater_kind": kind, "exclusions": left_out}
    lines = [json.dumps(rater).encode() + b"\n"]

    with pytest.raises(ImportRefused) as refusal:
        import_bundle(study=make_study(), chunks=lines)

    assert sentence in str(refusal.value.faults[0])


def test_who_is_left_out_is_given_no_more_until_taken_in_again() -> None:
    study = study_with(3, 1)
    who = rater(study, "w1")
    assert work(study, who, 1)
    exclude_rater(rater=who, reason="x", by=ada())

    with pytest.raises(NotEligible, match="What you gave stays"):
        claim(study, who)
    assert who.participant
    assert open_duties([who.participant]) == []
    assert claim(study, rater(study, "w2"))
    end_exclusion(rater=who, by=ada())

    assert claim(study, who)


def test_what_is_held_when_left_out_may_still_be_answered() -> None:
    study = study_with(2, 1)
    who = rater(study, "w1")
    held = claim(study, who)
    assert held
    exclude_rater(rater=who, reason="x", by=ada())

    assert claim(study, who) == held
    answer(held, preference="1")
    assert Assignment.objects.get(pk=held.pk).state == "done"


def test_who_may_only_look_leaves_nobody_out() -> None:
    viewer = User.objects.create(username="vera")

    with pytest.raises(PermissionDenied):
        exclude_rater(rater=peer_of(judged_pairs(), 0), reason="x", by=viewer)
