"""The survey: its document, its answers, and sending it."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from studies.actions.consents import withdraw_consent
from studies.actions.surveys import send_survey
from studies.document import document_faults
from studies.models import Participant
from studies.parts import parts_of
from studies.survey import measure
from tests.samples import close_studies, make_participant, make_study
from tests.studies.questions import SURVEY

ANSWERS = {"gender": "female", "speaks": ["en", "ko"], "age": 34, "travels": "By train."}


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study with a survey."""
    return make_participant(make_study("alps", {}, survey=SURVEY))


def faults_of(**survey: Any) -> list[str]:
    """What is wrong with a survey of this one question."""
    document = {"slug": "a", "title": {"en": "A"}, "survey": [survey]}
    return [fault for _path, fault in document_faults(document)]


def question(**more: Any) -> dict[str, Any]:
    """An open question, with these keys changed."""
    return {"key": "hobby", "kind": "text", "wording": {"en": "What do you do for fun?"}} | more


def test_answers_are_kept_under_their_keys(person: Participant) -> None:
    send_survey(participant=person, answers=ANSWERS)

    person.refresh_from_db()
    assert person.traits == {"invented": True} | ANSWERS
    assert person.outcome == "under_way"


def test_everything_may_be_left_out(person: Participant) -> None:
    send_survey(participant=person, answers={})

    person.refresh_from_db()
    assert person.traits == {"invented": True}
    assert measure(person).is_done  # type: ignore[union-attr]


def test_everything_may_be_withheld(person: Participant) -> None:
    withheld = dict.fromkeys(ANSWERS, "withheld")

    send_survey(participant=person, answers=withheld)

    person.refresh_from_db()
    assert person.traits == {"invented": True} | withheld


def test_sending_twice_keeps_the_first(person: Participant) -> None:
    send_survey(participant=person, answers={"gender": "female"})
    send_survey(participant=person, answers={"gender": "male"})

    person.refresh_from_db()
    assert person.traits["gender"] == "female"
    assert person.parts.get().attempts == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"gender": "robot"},
        {"gender": ["female"]},
        {"speaks": "en"},
        {"speaks": []},
        {"speaks": ["en", "en"]},
        {"speaks": ["en", "tlh"]},
        {"age": 17},
        {"age": 121},
        {"age": "34"},
        {"age": True},
        {"age": float("nan")},
        {"travels": " "},
        {"travels": "x" * 1001},
        {"travels": 3},
        {"income": 3},
    ],
)
def test_answer_that_does_not_fit_is_refused(person: Participant, answers: Any) -> None:
    with pytest.raises(ValidationError):
        send_survey(participant=person, answers=answers)

    person.refresh_from_db()
    assert person.traits == {"invented": True}
    assert not person.parts.exists()


def test_without_consent_nothing_is_kept(person: Participant) -> None:
    withdraw_consent(participant=person, scope="take_part")

    with pytest.raises(PermissionDenied):
        send_survey(participant=person, answers=ANSWERS)

    assert not person.parts.exists()


def test_closed_study_takes_no_survey(person: Participant) -> None:
    close_studies()
    person.study.refresh_from_db()

    with pytest.raises(PermissionDenied):
        send_survey(participant=person, answers=ANSWERS)


def test_survey_is_a_part_until_it_is_sent(person: Participant) -> None:
    before = [part.progress.is_done for part in parts_of(person) if part.name == "survey"]
    send_survey(participant=person, answers={})
    after = [part.progress.is_done for part in parts_of(person) if part.name == "survey"]

    assert (before, after) == ([False], [True])


def test_study_without_a_survey_asks_none(db: None) -> None:
    person = make_participant(make_study("bare", {}))

    assert measure(person) is None


@pytest.mark.parametrize(
    "asked",
    [
        question(key="full_name"),
        question(key="email"),
        question(key="phone", kind="number"),
        question(key="q1", wording={"en": "What is your full name?"}),
        question(key="q1", wording={"en": "Where?", "ko": "주소를 적어 주세요"}),
        question(key="q1", wording={"en": "Your date of birth?"}),
        question(key="instagram_handle"),
    ],
)
def test_question_for_an_identifier_is_refused(asked: dict[str, Any]) -> None:
    (fault,) = faults_of(**asked)

    assert "seems to ask who somebody is" in fault
    assert faults_of(**asked, asks_identifier=True) == []


@pytest.mark.parametrize(
    "asked",
    [
        question(),
        question(key="year", kind="number", wording={"en": "In which year were you born?"}),
        question(key="street_view", kind="choice", options=SURVEY[0]["options"]),
    ],
)
def test_harmless_question_is_accepted(asked: dict[str, Any]) -> None:
    assert faults_of(**asked) == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (question(kind="choice"), "A question to choose from needs two options"),
        (question(options=SURVEY[0]["options"]), "Only a choice has options"),
        (question(min=3), "Only a number has a min and a max"),
        (question(kind="number", min=3, max=2), "The min is more than the max"),
        (question(key="Ä"), "does not have the form"),
        (question(wording={}), "at least 1"),
        (question(required=True), "Unknown key “required”"),
        (
            question(
                kind="choice", options=[*SURVEY[1]["options"], {"value": "withheld", "label": {}}]
            ),
            "is offered with every question",
        ),
        (question(kind="choice", options=SURVEY[1]["options"] * 2), "a value of its own"),
    ],
)
def test_fault_of_a_question_is_named(asked: dict[str, Any], sentence: str) -> None:
    assert any(sentence in fault for fault in faults_of(**asked))


def test_key_that_stands_twice_is_refused() -> None:
    document = {"slug": "a", "title": {"en": "A"}, "survey": [question(), question()]}

    assert document_faults(document) == [(("survey", 1), "The key “hobby” stands here twice.")]
