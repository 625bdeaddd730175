"""What was judged on the site leaves and comes back as it was, places included."""

import pytest

from annotation.actions.assignments import claim_next, skip_assignment
from annotation.actions.disputes import settle_disputes
from annotation.actions.exclusions import exclude_rater
from annotation.actions.judgments import Entry, revise_assignment, submit_assignment
from annotation.actions.raters import external_rater
from annotation.actions.replacing import ask_others
from annotation.models import Assignment, Judgment, Rater, Task
from releases.actions.importing import import_bundle
from releases.bundle.writing import bundle_lines
from studies.models import Study, User
from tests.annotation.test_disputes import say, settle
from tests.releases.dumps import dump
from tests.samples import make_pairs, make_participant, make_study

pytestmark = pytest.mark.django_db
SIMPLE = {
    "version": 1,
    "questions": [
        {
            "key": "preference",
            "kind": "pairwise",
            "scale": "nominal",
            "options": [
                {"value": "1", "favours": "first", "label": {"en": "The first"}},
                {"value": "2", "favours": "second", "label": {"en": "The second"}},
            ],
            "wording": {"peer": {"en": "Which answer is better?"}},
        }
    ],
}


def place_for(study: Study, name: str) -> tuple[Rater, Assignment]:
    """A peer with a place."""
    rater = external_rater(study=study, name=name)
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place
    return rater, place


def entries_of(place: Assignment) -> list[Entry]:
    """The first of what was shown is better, throughout."""
    items = [row.item.ref for row in place.task.task_items.all()]
    return [Entry(item=ref, answers={"preference": "1"}, seconds=2.5, comment="é") for ref in items]


def work(study: Study) -> None:
    """One peer submits and revises, one skips; a third only holds a place."""
    make_pairs(study, 2, make_participant(study))
    rater, place = place_for(study, "w1")
    submit_assignment(assignment_id=place.id, rater=rater, fence=1, entries=entries_of(place))
    revise_assignment(assignment_id=place.id, rater=rater, entries=entries_of(place))
    rater, place = place_for(study, "w2")
    skip_assignment(assignment_id=place.id, rater=rater, fence=place.fence, reason="tired")


def test_live_work_is_restored_with_its_places() -> None:
    study = make_study(stages={"response": {"overlap": {"peer": 2}, "rubric": SIMPLE}})
    work(study)
    state, lines = dump(study), list(bundle_lines(study))
    study.delete()

    study = import_bundle(study=None, chunks=lines).study

    assert list(bundle_lines(study)) == lines
    assert dump(study) == state


def known(ref: str) -> dict[str, object]:
    """A pair of which the first is right."""
    return {
        "prompt": ref,
        "responses": [f"{ref}-generic", f"{ref}-all"],
        "expected": {"preference": "1"},
    }


def test_what_is_asked_beside_comes_back_as_such_and_gets_no_more_places() -> None:
    section = {
        "overlap": {"peer": 2},
        "rubric": SIMPLE,
        "gold": {"practice": 1, "items": [known("q0000")]},
        "repeats": {"every": 2, "after": 1},
        "adjudication": {"rules": ["no_majority"]},
    }
    study = make_study(stages={"response": section})
    make_pairs(study, 4)
    for name in ("w1", "w2"):
        while place := claim_next(
            study=study, stage="response", role="peer", rater=external_rater(study=study, name=name)
        ):
            submit_assignment(
                assignment_id=place.id, rater=place.rater, fence=1, entries=entries_of(place)
            )
    settle_disputes(study=study, stage="response", tasks=study.tasks.values_list("pk", flat=True))
    state, lines = dump(study), list(bundle_lines(study))
    purposes = set(Task.objects.values_list("purpose", flat=True))
    study.delete()

    study = import_bundle(study=None, chunks=lines).study

    assert purposes == {"main", "gold", "repeat", "adjudication"}
    assert list(bundle_lines(study)) == lines
    assert dump(study) == state


def test_an_answer_beside_the_number_asked_for_stays_so() -> None:
    study = make_study(stages={"response": {"overlap": {"peer": 1}, "rubric": SIMPLE}})
    make_pairs(study, 1)
    rater, place = place_for(study, "w1")
    submit_assignment(assignment_id=place.id, rater=rater, fence=1, entries=entries_of(place))
    Assignment.objects.update(state="surplus")
    Judgment.objects.update(is_surplus=True, idle_seconds=3.5, pasted=0)
    lines = list(bundle_lines(study))
    study.delete()

    study = import_bundle(study=None, chunks=lines).study

    (judgment,) = Judgment.objects.all()
    assert (judgment.is_surplus, judgment.idle_seconds, judgment.pasted) == (True, 3.5, 0)
    assert sorted(Assignment.objects.values_list("state", flat=True)) == ["free", "surplus"]
    assert list(bundle_lines(study)) == lines


def disputed() -> Study:
    """Two peers disagree; one skips the place added for it, one fills that in its stead."""
    adaptive = {"overlap": {"peer": 2}, "rubric": SIMPLE, "adaptive": {"up_to": 3}}
    study = make_study(stages={"response": adaptive})
    make_pairs(study, 1)
    say(study, w1="1", w2="2")
    settle(study)
    rater, place = place_for(study, "w3")
    skip_assignment(assignment_id=place.id, rater=rater, fence=place.fence, reason="tired")
    say(study, w4="1")
    return study


def test_added_places_come_back_as_such() -> None:
    study = disputed()
    state, lines = dump(study), list(bundle_lines(study))
    study.delete()

    study = import_bundle(study=None, chunks=lines).study

    added = study.assignments.filter(is_added=True).values_list("rater__ref", flat=True)
    assert sorted(added) == ["w3", "w4"]
    assert list(bundle_lines(study)) == lines
    assert dump(study) == state


def test_an_added_answer_fills_no_place_that_every_item_was_to_have() -> None:
    study = disputed()
    early: list[bytes] = []
    late: list[bytes] = []
    for line in bundle_lines(study):
        if b'"rater":"w2"' not in line:
            (late if b'"rater":"w4"' in line else early).append(line)
    study.delete()
    together = import_bundle(study=None, chunks=[*early, *late]).study
    left = together.assignments.filter(state="free").values_list("place", "is_added")
    assert list(left) == [(2, False)]
    together.delete()
    study = import_bundle(study=None, chunks=early).study

    import_bundle(study=study, chunks=late)

    assert list(study.assignments.filter(state="free").values_list("place", "is_added")) == [
        (2, False)
    ]


def test_who_was_asked_in_somebodys_stead_comes_back_as_such() -> None:
    """One of two has answered instead; the other place is still free."""
    study = make_study(stages={"response": {"overlap": {"peer": 2}, "rubric": SIMPLE}})
    make_pairs(study, 2)
    say(study, w1="1", w2="2")
    say(study, w1="1", w2="2")
    ada = User.objects.create(username="ada", is_superuser=True)
    exclude_rater(rater=Rater.objects.get(ref="w1"), reason="x", by=ada)
    ask_others(rater=Rater.objects.get(ref="w1"), by=ada)
    say(study, w3="1")
    lines = list(bundle_lines(study))
    study.delete()

    study = import_bundle(study=None, chunks=lines).study

    instead = study.assignments.filter(instead_of__rater__ref="w1").order_by("state")
    assert list(instead.values_list("place", "state")) == [(3, "done"), (3, "free")]
    assert study.assignments.count() == 6
    assert ask_others(rater=Rater.objects.get(ref="w1"), by=ada) == 0
    assert list(bundle_lines(study)) == lines


def test_an_answer_in_somebodys_stead_may_come_in_a_later_bundle() -> None:
    study = make_study(stages={"response": {"overlap": {"peer": 1}, "rubric": SIMPLE}})
    make_pairs(study, 1)
    say(study, w1="1")
    ada = User.objects.create(username="ada", is_superuser=True)
    exclude_rater(rater=Rater.objects.get(ref="w1"), reason="x", by=ada)
    ask_others(rater=Rater.objects.get(ref="w1"), by=ada)
    say(study, w2="2")
    lines = list(bundle_lines(study))
    late = [line for line in lines if b'"rater":"w2"' in line]
    study.delete()
    early = [line for line in lines if line not in late]
    study = import_bundle(study=None, chunks=early).study

    import_bundle(study=study, chunks=late)

    assert study.assignments.get(rater__ref="w2").instead_of is not None
    assert study.assignments.count() == 2
