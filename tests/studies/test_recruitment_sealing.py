"""Sealed ids and keyed digests: unreadable, found again, and renewed with a new key."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from studies.actions.entering import enter_study
from studies.actions.identities import forget_identities
from studies.actions.studies import close_study, open_study
from studies.models import Participant, User
from studies.recruitment.identities import participant_of, participants_by_id
from studies.recruitment.models import PanelIdentity
from studies.recruitment.panel import Arrival
from studies.recruitment.sealing import Unreadable, digest, seal, unseal
from studies.recruitment.ways import Way
from tests.studies.recruitment import OTHER, PERSON, prolific, study_with

pytestmark = pytest.mark.django_db
OLD, NEW = "an older secret of 32 characters!", "a newer secret of 32 characters!!"
ARRIVAL = Arrival("prolific", PERSON)


def enter(person: str = PERSON) -> Participant:
    """Somebody who came by the panel."""
    way = Way(arrival=Arrival("prolific", person))
    return enter_study(study=study_with(prolific()), scopes=["take_part"], way=way)


def test_sealed_value_is_opened_and_unreadable() -> None:
    sealed = seal({"person": PERSON})

    assert unseal(sealed) == {"person": PERSON}
    assert PERSON.encode() not in sealed


def test_same_value_is_sealed_differently() -> None:
    assert seal({"person": PERSON}) != seal({"person": PERSON})


@pytest.mark.parametrize(
    "broken", [b"", b"x", seal({"a": "b"})[:-4], "gAAAA"], ids=["empty", "x", "cut", "text"]
)
def test_broken_seal_is_unreadable(broken: bytes | str) -> None:
    with pytest.raises(Unreadable):
        unseal(broken)


def test_digest_depends_on_study_purpose_and_key(settings: Any) -> None:
    alps, lakes = study_with(), study_with(slug="lakes")
    found = [digest(alps, "panel:a", PERSON), digest(lakes, "panel:a", PERSON)]
    found += [digest(alps, "panel:b", PERSON), digest(alps, "visitor", PERSON)]
    settings.SEALING_KEYS = [NEW]
    found.append(digest(alps, "panel:a", PERSON))

    assert len(set(found)) == 5


def test_person_is_found_under_an_older_key(settings: Any) -> None:
    settings.SEALING_KEYS = [OLD]
    person = enter()
    settings.SEALING_KEYS = [NEW, OLD]

    assert participant_of(person.study, ARRIVAL) == person
    assert participants_by_id(person.study, "prolific", [PERSON, OTHER]) == {PERSON: person}


def test_resealing_lets_the_older_key_go(settings: Any) -> None:
    settings.SEALING_KEYS = [OLD]
    person = enter()
    settings.SEALING_KEYS = [NEW, OLD]
    call_command("reseal")
    settings.SEALING_KEYS = [NEW]

    assert participant_of(person.study, ARRIVAL) == person
    assert unseal(PanelIdentity.objects.get().sealed)["person"] == PERSON


def test_resealing_without_the_key_changes_nothing(settings: Any) -> None:
    settings.SEALING_KEYS = [OLD]
    enter()
    before = list(PanelIdentity.objects.values_list("digest"))
    settings.SEALING_KEYS = [NEW]

    with pytest.raises(CommandError, match="nothing changed"):
        call_command("reseal")

    assert list(PanelIdentity.objects.values_list("digest")) == before


def test_seal_names_whom_it_belongs_to() -> None:
    person = enter()

    assert unseal(PanelIdentity.objects.get().sealed)["participant"] == person.pk.hex


def test_ids_are_forgotten_30_days_after_the_study_closed() -> None:
    study = enter().study
    now = timezone.now()
    assert forget_identities(at=now + timedelta(days=99)) == 0
    close_study(study=study, by=User.objects.create_superuser("root"))

    assert forget_identities(at=now + timedelta(days=29)) == 0
    assert forget_identities(at=now + timedelta(days=31)) == 1
    assert Participant.objects.count() == 1


def test_study_that_opens_again_keeps_its_ids() -> None:
    study, root = enter().study, User.objects.create_superuser("root")
    close_study(study=study, by=root)
    open_study(study=study, by=root)

    assert forget_identities(at=timezone.now() + timedelta(days=31)) == 0
