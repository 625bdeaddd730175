"""The comprehension check: right, wrong, too often wrong, and sent twice."""

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from studies.actions.consents import withdraw_consent
from studies.actions.parts import try_comprehension
from studies.comprehension import Attempt, measure
from studies.document import document_faults
from studies.models import Part, Participant
from studies.parts import parts_of
from tests.samples import make_participant, make_study
from tests.studies.questions import CHECK, RIGHT, WRONG


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study with a check."""
    return make_participant(make_study("alps", {}, comprehension=CHECK))


def outcome_of(person: Participant) -> str:
    """What the database says of somebody now."""
    return Participant.objects.get(pk=person.pk).outcome


def test_right_answers_finish_the_part(person: Participant) -> None:
    attempt = try_comprehension(participant=person, answers=RIGHT, attempt=0)

    assert attempt == Attempt(is_counted=True, is_passed=True, left=1)
    assert measure(person).is_done  # type: ignore[union-attr]
    assert outcome_of(person) == "under_way"


def test_second_attempt_may_pass(person: Participant) -> None:
    first = try_comprehension(participant=person, answers=WRONG, attempt=0)
    second = try_comprehension(participant=person, answers=RIGHT, attempt=1)

    assert (first.is_over, second.is_passed) == (False, True)
    assert outcome_of(person) == "under_way"


def test_failing_twice_ends_their_way(person: Participant) -> None:
    try_comprehension(participant=person, answers=WRONG, attempt=0)
    last = try_comprehension(participant=person, answers=WRONG, attempt=1)

    assert last == Attempt(is_counted=True, is_passed=False, left=0)
    assert outcome_of(person) == "attention"
    assert parts_of(Participant.objects.get(pk=person.pk)) == []


def test_nothing_is_counted_after_the_end(person: Participant) -> None:
    for attempt in (0, 1):
        try_comprehension(participant=person, answers=WRONG, attempt=attempt)

    again = try_comprehension(participant=person, answers=RIGHT, attempt=2)

    assert again == Attempt(is_counted=False, is_passed=False, left=0)
    assert (outcome_of(person), Part.objects.get().attempts) == ("attention", 2)


def test_passing_twice_is_passing_once(person: Participant) -> None:
    try_comprehension(participant=person, answers=RIGHT, attempt=0)

    again = try_comprehension(participant=person, answers=WRONG, attempt=0)

    assert again == Attempt(is_counted=False, is_passed=True, left=0)
    assert outcome_of(person) == "under_way"


def test_page_sent_twice_is_one_attempt(person: Participant) -> None:
    try_comprehension(participant=person, answers=WRONG, attempt=0)

    again = try_comprehension(participant=person, answers=RIGHT, attempt=0)

    assert again == Attempt(is_counted=False, is_passed=False, left=1)
    assert Part.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_are_one_attempt() -> None:
    person = make_participant(make_study("alps", {}, comprehension=CHECK))
    barrier = threading.Barrier(8)

    def click() -> None:
        barrier.wait(30)
        try_comprehension(participant=person, answers=WRONG, attempt=0)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (Part.objects.get().attempts, outcome_of(person)) == (1, "under_way")


def test_unanswered_question_is_no_attempt(person: Participant) -> None:
    with pytest.raises(ValidationError) as refusal:
        try_comprehension(participant=person, answers={"stop": "any"}, attempt=0)

    assert list(refusal.value.message_dict) == ["who"]
    assert not Part.objects.filter(attempts__gt=0).exists()


def test_number_of_attempts_is_the_studys(db: None) -> None:
    person = make_participant(make_study("alps", {}, comprehension={**CHECK, "attempts": 1}))

    try_comprehension(participant=person, answers=WRONG, attempt=0)

    assert outcome_of(person) == "attention"


def test_without_consent_nothing_is_counted(person: Participant) -> None:
    withdraw_consent(participant=person, scope="take_part")

    with pytest.raises(PermissionDenied):
        try_comprehension(participant=person, answers=RIGHT, attempt=0)

    assert not Part.objects.exists()


def test_study_without_a_check_refuses_one(db: None) -> None:
    person = make_participant(make_study("bare", {}))

    with pytest.raises(ValidationError):
        try_comprehension(participant=person, answers={}, attempt=0)
    assert measure(person) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"options": [{"value": "a", "label": {}, "correct": True}]}, "at least 2"),
        ({"options": CHECK["questions"][0]["options"][1:] * 2}, "value of its own"),
        (
            {"options": [{"value": v, "label": {}, "correct": True} for v in "ab"]},
            "an option that is correct and one that is not",
        ),
        ({"kind": "text"}, "Unknown key “kind”"),
    ],
)
def test_fault_of_a_question_is_named(change: dict[str, Any], sentence: str) -> None:
    section = {"questions": [CHECK["questions"][0] | change]}
    document = {"slug": "a", "title": {"en": "A"}, "comprehension": section}

    assert any(sentence in fault for _path, fault in document_faults(document))


@pytest.mark.parametrize("section", [{}, {"questions": []}, {**CHECK, "attempts": 0}, [], 3])
def test_section_that_is_no_check_is_refused(section: Any) -> None:
    assert document_faults({"slug": "a", "title": {"en": "A"}, "comprehension": section})
