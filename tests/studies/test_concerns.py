"""Concerns: who may report, what is kept, and settling."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from studies.actions.concerns import path_of, report_concern, settle_concern
from studies.actions.consents import withdraw_consent
from studies.actions.members import add_member
from studies.care import contact_of, is_marked, warning_of
from studies.document import document_faults
from studies.models import Concern, Participant, User
from tests.samples import close_studies, make_participant, make_study

CARE = {
    "contact": {"en": "care@example.org", "es": "ayuda@example.org"},
    "distressing": {"text": {"en": "It may hurt."}, "topics": ["loss"], "stages": ["response"]},
}


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study that cares."""
    return make_participant(make_study("alps", care=CARE, languages=["en", "es"]))


def report(person: Participant, **changed: Any) -> Concern:
    """Report something, with these parts of it changed."""
    whole: dict[str, Any] = {
        "text": "It is rude.",
        "page": "/judge/alps/response/",
        "key": uuid4(),
    } | changed
    return report_concern(participant=person, **whole)


def test_concern_is_kept_with_its_page(person: Participant) -> None:
    report(person, text=" It is\r\nrude. ", page="/judge/alps/response/?token=x#y")

    concern = Concern.objects.get()
    assert (concern.text, concern.page) == ("It is\nrude.", "/judge/alps/response/")
    assert (concern.participant, concern.settled_at) == (person, None)


def test_concern_sent_twice_is_one(person: Participant) -> None:
    key = uuid4()
    report(person, key=key)
    report(person, key=key)

    assert Concern.objects.count() == 1


def test_name_of_somebody_elses_concern_is_refused(person: Participant) -> None:
    key = report(person).pk
    other = make_participant(person.study, "p2")

    with pytest.raises(ValidationError):
        report(other, key=key, text="Mine.")
    assert Concern.objects.get().text == "It is rude."


@pytest.mark.parametrize("text", ["", " \n", "x" * 5001])
def test_text_that_cannot_be_is_refused(person: Participant, text: str) -> None:
    with pytest.raises(ValidationError):
        report(person, text=text)

    assert not Concern.objects.exists()


def test_nobody_floods_those_who_read(person: Participant) -> None:
    for _time in range(50):
        report(person)

    with pytest.raises(ValidationError):
        report(person)


def test_without_consent_nothing_is_kept(person: Participant) -> None:
    withdraw_consent(participant=person, scope="take_part")

    with pytest.raises(PermissionDenied):
        report(person)
    assert not Concern.objects.exists()


def test_closed_study_still_listens(person: Participant) -> None:
    close_studies()
    person.study.refresh_from_db()

    assert report(person).text == "It is rude."


@pytest.mark.parametrize(
    "address", ["//evil.example/", "https://evil.example/", "javascript:1", ""]
)
def test_foreign_address_is_not_kept(address: str) -> None:
    assert path_of(address) == ""


def test_manager_settles_once(person: Participant) -> None:
    concern = report(person)
    users = [User.objects.create_user(name) for name in ("first", "second")]
    for user in users:
        add_member(study=person.study, user=user, role="manager", by=None)

    settled = settle_concern(concern=concern, by=users[0])
    again = settle_concern(concern=concern, by=users[1])

    assert (again.settled_by, again.settled_at) == ("first", settled.settled_at)


def test_viewer_cannot_settle(person: Participant) -> None:
    viewer = User.objects.create_user("viewer")
    add_member(study=person.study, user=viewer, role="viewer", by=None)

    with pytest.raises(PermissionDenied):
        settle_concern(concern=report(person), by=viewer)


def test_contact_is_in_the_readers_language(person: Participant) -> None:
    assert contact_of(person.study, "es-MX") == "ayuda@example.org"
    assert contact_of(person.study, "ko") == "care@example.org"


def test_study_marks_stages_and_topics(person: Participant) -> None:
    study = person.study

    assert is_marked(study, stage="response", topic="")
    assert is_marked(study, stage="extraction", topic="loss")
    assert not is_marked(study, stage="extraction", topic="trains")
    assert warning_of(study, "ko") == "It may hurt."


@pytest.mark.parametrize(
    ("care", "sentence"),
    [
        ({"contact": "me"}, "must be a mapping"),
        ({"phone": {}}, "Unknown key “phone”"),
        ({"distressing": {}}, "“text” is missing"),
        ({"distressing": {"text": {"en": "x"}, "stages": ["dance"]}}, "no stage “dance”"),
        ({"distressing": {"text": {"en": "x"}, "topics": ["dance"]}}, "topic “dance”"),
    ],
)
def test_fault_of_the_document_is_named(care: Any, sentence: str) -> None:
    converse = {"topics": [{"key": "trains", "label": {"en": "Trains"}}]}
    document = {"slug": "a", "title": {"en": "A"}, "stages": {"response": {}}, "care": care}
    document["converse"] = converse

    assert any(sentence in fault for _path, fault in document_faults(document))
