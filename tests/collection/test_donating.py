"""Giving past conversations: what is kept, what is refused, what goes."""

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import TestCase
from django.utils import timezone

from collection.actions.donating import (
    delete_old_donations,
    give_up_donation,
    receive_donation,
    take_conversations,
)
from collection.donating import store
from collection.donating.offers import count_given, offers_of, waiting_donation
from collection.donating.progress import measure
from collection.importers.limits import LARGEST_FILE
from collection.models import Conversation
from collection.unshared.models import Donation, UnsharedConversation, UnsharedTurn
from studies.models import Participant
from studies.parts import Progress
from tests.collection.exports import chain, listed, message, tree
from tests.samples import make_participant, make_study

Give = Callable[..., Donation]


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study that asks for past conversations."""
    return make_participant(make_study("alps", {}, donate={"least": 2, "most": 3}))


@pytest.fixture(autouse=True)
def donations(settings: Any, tmp_path: Path) -> Path:
    """A directory for this test's files."""
    settings.DONATIONS_DIR = tmp_path / "donations"
    return Path(settings.DONATIONS_DIR)


def give(person: Participant, *rows: Any) -> Donation:
    """Send a file of these conversations."""
    content = listed(*(rows or (chain(),)))
    return receive_donation(participant=person, file=io.BytesIO(content), size=len(content))


def take(person: Participant, donation: Donation, *numbers: int) -> list[UnsharedConversation]:
    """Choose these conversations, and let the transaction end."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return take_conversations(
            participant=person, donation=donation, versions=dict.fromkeys(numbers, 0)
        )


def files_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def test_donation_is_kept_under_its_id_for_its_owner_only(
    person: Participant, donations: Path
) -> None:
    donation = give(person, chain(name="a"), chain(name="b"))

    assert (donation.format, donation.found) == ("chatgpt", 2)
    assert files_in(donations) == [str(donation.pk)]
    assert donations.stat().st_mode & 0o777 == 0o700
    assert (donations / str(donation.pk)).stat().st_mode & 0o777 == 0o700
    assert waiting_donation(person) == donation


def test_taking_keeps_what_was_said_and_deletes_the_file(
    person: Participant, donations: Path
) -> None:
    donation = give(person, chain("<script>alert(1)</script>", "NFD: e\u0301 \x00", name="a"))

    [row] = take(person, donation, 1)

    turns = UnsharedTurn.objects.filter(conversation=row)
    assert list(turns.values_list("position", "role", "content", "state")) == [
        (0, "user", "<script>alert(1)</script>", "whole"),
        (1, "assistant", "NFD: e\u0301 \ufffd", "whole"),
    ]
    assert (row.source, row.state, row.title) == ("donated", "finished", "Moving")
    assert row.began_at is not None
    assert row.began_at.isoformat() == "2023-11-14T22:13:20.250000+00:00"
    assert files_in(donations) == []


def test_taking_twice_takes_once(person: Participant) -> None:
    donation = give(person)
    take(person, donation, 1)

    with pytest.raises(ValidationError, match="chosen from this file already"):
        take(person, donation, 1)

    assert UnsharedConversation.objects.count() == 1


def test_version_that_was_chosen_is_taken(person: Participant) -> None:
    nodes = {
        "a": (None, message("user", "Hello")),
        "b": ("a", message("assistant", "First reply")),
        "c": ("a", message("assistant", "Second reply")),
    }
    donation = give(person, tree(nodes, "b"))

    [row] = take_conversations(participant=person, donation=donation, versions={1: 1})

    contents = UnsharedTurn.objects.filter(conversation=row).values_list("content", flat=True)
    assert list(contents) == ["Hello", "Second reply"]


@pytest.mark.parametrize("versions", [{}, {9: 0}, {0: 0}, {1: 1}, {1: -1}])
def test_choosing_what_is_not_offered_is_refused(
    person: Participant, versions: dict[int, int]
) -> None:
    donation = give(person)

    with pytest.raises(ValidationError):
        take_conversations(participant=person, donation=donation, versions=versions)

    assert UnsharedConversation.objects.count() == 0


def test_more_than_the_study_wants_is_refused(person: Participant) -> None:
    donation = give(person, *(chain(name=str(n)) for n in range(5)))

    with pytest.raises(ValidationError, match="give 3 conversations; you chose 4"):
        take(person, donation, 1, 2, 3, 4)

    assert waiting_donation(person) == donation


def test_who_gave_the_most_is_asked_for_no_more_files(person: Participant) -> None:
    take(person, give(person, *(chain(name=str(n)) for n in range(3))), 1, 2, 3)

    with pytest.raises(ValidationError, match="as many conversations as the study asks for"):
        give(person)


def test_what_was_given_is_marked_and_not_given_again(person: Participant) -> None:
    take(person, give(person, chain(name="a")), 1)
    donation = give(person, chain(name="a"), chain(name="b"))
    terms = {line.number: line.is_given for line in offers_of(donation, terms_for(person))}

    with pytest.raises(ValidationError, match="cannot be given"):
        take(person, donation, 1)

    assert terms == {1: True, 2: False}


def terms_for(person: Participant) -> Any:
    from collection.donating.document import terms_of

    return terms_of(person.study)


def test_what_was_shared_counts_as_given_and_what_was_removed_does_not(person: Participant) -> None:
    rows = take(person, give(person, chain(name="a"), chain(name="b")), 1, 2)
    Conversation.objects.create(
        id=rows[0].pk, study=person.study, participant=person, source="donated"
    )
    UnsharedConversation.objects.all().delete()

    donation = give(person, chain(name="a"), chain(name="b"))

    given = {line.number: line.is_given for line in offers_of(donation, terms_for(person))}
    assert given == {1: True, 2: False}


def test_same_conversation_of_two_people_is_given_twice(person: Participant) -> None:
    other = make_participant(person.study, "other")

    rows = [take(one, give(one), 1)[0] for one in (person, other)]

    assert rows[0].origin != rows[1].origin


def test_part_is_done_when_the_least_was_given(person: Participant) -> None:
    before = measure(person)
    take(person, give(person, chain(name="a"), chain(name="b")), 1, 2)

    assert before == Progress(done=0, total=2, is_done=False)
    assert measure(person) == Progress(done=2, total=2, is_done=True)
    assert person.parts.get(name="donate").finished_at is not None


def test_study_without_the_section_has_no_such_part(db: None) -> None:
    person = make_participant(make_study("alps", {}))

    assert measure(person) is None
    with pytest.raises(PermissionDenied):
        give(person)


def test_who_does_not_take_part_gives_nothing(person: Participant, donations: Path) -> None:
    person.consents.all().delete()

    with pytest.raises(PermissionDenied):
        give(person)

    assert files_in(donations) == []


def test_someone_elses_donation_is_not_there(person: Participant) -> None:
    donation = give(person)
    other = make_participant(person.study, "other")

    with pytest.raises(ValidationError):
        take(other, donation, 1)
    give_up_donation(participant=other, donation=donation)

    assert waiting_donation(person) == donation


@pytest.mark.django_db(transaction=True)
def test_second_file_takes_the_place_of_the_first(donations: Path) -> None:
    person = make_participant(make_study("alps", {}, donate={}))

    give(person)
    donation = give(person)

    assert files_in(donations) == [str(donation.pk)]
    assert list(Donation.objects.all()) == [donation]


@pytest.mark.django_db(transaction=True)
def test_giving_up_deletes_the_file_and_its_row(donations: Path) -> None:
    person = make_participant(make_study("alps", {}, donate={}))
    donation = give(person)

    for _time in range(2):
        give_up_donation(participant=person, donation=donation)

    assert files_in(donations) == []
    assert Donation.objects.count() == 0


def test_large_file_is_not_read(person: Participant, donations: Path) -> None:
    with pytest.raises(ValidationError, match="larger than 100 MB"):
        receive_donation(participant=person, file=io.BytesIO(), size=LARGEST_FILE + 1)

    assert files_in(donations) == []


@pytest.mark.parametrize(
    "content", [b"", b"[", b"<html>", listed(chain())[:-40], listed(), b"\xff"]
)
def test_bad_file_leaves_nothing(person: Participant, donations: Path, content: bytes) -> None:
    with pytest.raises(ValidationError):
        receive_donation(participant=person, file=io.BytesIO(content), size=len(content))

    assert files_in(donations) == []
    assert Donation.objects.count() == 0


def test_bad_file_leaves_the_one_before(person: Participant) -> None:
    donation = give(person)

    with pytest.raises(ValidationError):
        receive_donation(participant=person, file=io.BytesIO(b"["), size=1)

    assert waiting_donation(person) == donation


@pytest.mark.django_db(transaction=True)
def test_files_are_deleted_after_a_day(donations: Path) -> None:
    person = make_participant(make_study("alps", {}, donate={}))
    donation = give(person)
    (donations / "left-behind").mkdir()
    for path in donations.iterdir():
        os.utime(path, (0, 0))

    delete_old_donations(timezone.now())
    still_there = files_in(donations)
    delete_old_donations(timezone.now() + timedelta(hours=25))

    assert still_there == [str(donation.pk)]
    assert files_in(donations) == []
    assert Donation.objects.count() == 0


def test_counts_only_what_was_donated(person: Participant) -> None:
    Conversation.objects.create(study=person.study, participant=person, source="live")

    assert count_given(person) == 0


def test_store_without_files_lists_nothing(person: Participant) -> None:
    donation = give(person)
    store.remove(donation.pk)

    assert offers_of(donation, terms_for(person)) == []
