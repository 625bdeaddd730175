"""Screening and quotas: who is looked for, and never too many of them."""

import threading
from typing import Any

import pytest
from django.db import connection

from studies.actions.surveys import send_survey
from studies.document import document_faults
from studies.models import Participant, Study
from studies.parts import parts_of
from tests.samples import make_participant, make_study
from tests.studies.questions import SURVEY

PLACES, THREADS = 5, 30


def outcome(study: Study, ref: str, **answers: Any) -> str:
    """What becomes of somebody new who answers like this."""
    person = make_participant(study, ref)
    send_survey(participant=person, answers=answers)
    person.refresh_from_db()
    return person.outcome


def study_for(**sections: Any) -> Study:
    """A study with a survey that chooses people."""
    return make_study("alps", {}, survey=SURVEY, **sections)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"gender": "female"}, "under_way"),
        ({"gender": "male"}, "screened_out"),
        ({"gender": "withheld"}, "screened_out"),
        ({}, "screened_out"),
    ],
)
def test_answer_that_is_not_accepted_screens_out(
    db: None, answers: dict[str, Any], expected: str
) -> None:
    study = study_for(screening=[{"question": "gender", "accept": ["female", "other"]}])

    assert outcome(study, "p", **answers) == expected


@pytest.mark.parametrize("answers", [{"gender": "withheld"}, {}])
def test_withholding_can_be_accepted(db: None, answers: dict[str, Any]) -> None:
    study = study_for(screening=[{"question": "gender", "accept": ["female", "withheld"]}])

    assert outcome(study, "p", **answers) == "under_way"


@pytest.mark.parametrize(
    ("age", "expected"), [(20, "under_way"), (30, "under_way"), (31, "screened_out")]
)
def test_numbers_are_accepted_by_ranges(db: None, age: int, expected: str) -> None:
    study = study_for(screening=[{"question": "age", "accept": [{"min": 20, "max": 30}]}])

    assert outcome(study, "p", age=age) == expected


def test_one_of_several_chosen_is_enough(db: None) -> None:
    study = study_for(screening=[{"question": "speaks", "accept": ["ko"]}])

    assert outcome(study, "a", speaks=["en", "ko"]) == "under_way"
    assert outcome(study, "b", speaks=["en"]) == "screened_out"


def test_screened_out_keep_no_answers_and_are_asked_nothing(db: None) -> None:
    study = study_for(screening=[{"question": "gender", "accept": ["female"]}])
    outcome(study, "p", gender="male", age=40, travels="By boat.")

    person = Participant.objects.get(ref="p")
    assert person.traits == {"invented": True}
    assert parts_of(person) == []


def test_screened_out_cannot_try_again(db: None) -> None:
    study = study_for(screening=[{"question": "gender", "accept": ["female"]}])
    outcome(study, "p", gender="male")

    again = send_survey(participant=Participant.objects.get(ref="p"), answers={"gender": "female"})

    assert (again.outcome, again.traits) == ("screened_out", {"invented": True})


def test_full_cell_takes_nobody_more_and_others_go_on(db: None) -> None:
    study = study_for(quotas=[{"name": "women", "where": {"gender": "female"}, "limit": 1}])

    outcomes = [
        outcome(study, f"p{n}", gender=of) for n, of in enumerate(["female"] * 2 + ["male"])
    ]

    assert outcomes == ["under_way", "screened_out", "under_way"]


def test_every_cell_that_covers_somebody_needs_room(db: None) -> None:
    cells = [
        {"name": "women", "where": {"gender": ["female"]}, "limit": 9},
        {"name": "korean", "where": {"speaks": "ko"}, "limit": 1},
    ]
    study = study_for(quotas=cells)
    both = {"gender": "female", "speaks": ["ko"]}

    assert [outcome(study, "a", **both), outcome(study, "b", **both)] == [
        "under_way",
        "screened_out",
    ]


@pytest.mark.parametrize("lost", [{"left_at": "2026-01-01T00:00Z"}, {"outcome": "attention"}])
def test_place_of_somebody_lost_is_free_again(db: None, lost: dict[str, str]) -> None:
    study = study_for(quotas=[{"name": "women", "where": {"gender": "female"}, "limit": 1}])
    outcome(study, "a", gender="female")
    Participant.objects.filter(ref="a").update(**lost)

    assert outcome(study, "b", gender="female") == "under_way"


@pytest.mark.django_db(transaction=True)
def test_quota_is_never_exceeded_however_many_ask_at_once() -> None:
    cell = {"name": "women", "where": {"gender": "female"}, "limit": PLACES}
    study = study_for(quotas=[cell])
    people = [make_participant(study, f"p{n}") for n in range(THREADS)]
    barrier, faults = threading.Barrier(THREADS), []

    def send(person: Participant) -> None:
        try:
            barrier.wait(30)
            send_survey(participant=person, answers={"gender": "female"})
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    outcomes = list(Participant.objects.values_list("outcome", flat=True))
    assert faults == []
    assert (outcomes.count("under_way"), outcomes.count("screened_out")) == (PLACES, 25)


@pytest.mark.parametrize(
    ("section", "value", "sentence"),
    [
        ("screening", [{"question": "income", "accept": ["1"]}], "no question “income”"),
        ("screening", [{"question": "gender", "accept": ["robot"]}], "no such option: robot"),
        ("screening", [{"question": "travels", "accept": ["x"]}], "people's own words"),
        ("screening", [{"question": "age", "accept": ["old"]}], "accepted by numbers"),
        ("screening", [{"question": "age", "accept": []}], "at least 1"),
        ("screening", [{"question": "age", "accept": [{"least": 3}]}], "Unknown key “least”"),
        ("screening", {"question": "age"}, "must be a list"),
        ("quotas", [{"name": "a", "where": {"gender": "robot"}, "limit": 1}], "no such option"),
        ("quotas", [{"name": "a", "where": {}, "limit": 1}], "at least 1"),
        ("quotas", [{"name": "a", "where": {"age": 3}, "limit": -1}], "greater than or equal"),
        ("quotas", [{"name": "a", "where": {"age": 3}, "limit": 1}] * 2, "stands here twice"),
    ],
)
def test_fault_of_the_document_is_named(section: str, value: Any, sentence: str) -> None:
    document = {"slug": "a", "title": {"en": "A"}, "survey": SURVEY, section: value}

    assert any(sentence in fault for _path, fault in document_faults(document))


def test_screening_without_a_survey_is_refused() -> None:
    screening = [{"question": "age", "accept": [3]}]
    document = {"slug": "a", "title": {"en": "A"}, "screening": screening}

    assert document_faults(document) == [
        (("screening", 0, "accept"), "The survey has no question “age”.")
    ]
