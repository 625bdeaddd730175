"""Studies, members, consent and tokens."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from annotation.models import RubricVersion
from studies.actions.consents import give_consent, withdraw_consent
from studies.actions.entering import enter_study, external_participant
from studies.actions.members import add_member
from studies.actions.studies import close_study, load_study, open_study
from studies.actions.tokens import create_token
from studies.models import ApiToken, Consent, Participant, Study, User
from tests.samples import PREFERENCE, make_study

pytestmark = pytest.mark.django_db

DOCUMENT: dict[str, Any] = {
    "slug": "alps",
    "title": {"en": "Alps"},
    "stages": {"response": {"rubric": PREFERENCE}},
}
CONSENT = {"version": "2", "text": {"en": "Yes?"}, "scopes": ["take_part", "peers"]}


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def study() -> Study:
    return make_study(consent=CONSENT)


def test_load_study_makes_its_maker_the_owner(ada: User) -> None:
    study = load_study(document=DOCUMENT, by=ada)

    assert list(study.memberships.values_list("user__username", "role")) == [("ada", "owner")]


def test_load_study_twice_is_one_study(ada: User) -> None:
    load_study(document=DOCUMENT, by=ada)
    load_study(document=DOCUMENT, by=ada)

    assert (Study.objects.count(), RubricVersion.objects.count()) == (1, 1)


def test_load_study_does_not_change_a_study_that_should_be_new(ada: User) -> None:
    load_study(document=DOCUMENT, by=ada)

    with pytest.raises(ValidationError, match="already"):
        load_study(document={**DOCUMENT, "title": {"en": "Other"}}, by=ada, is_new=True)

    assert Study.objects.get().document == DOCUMENT


def test_load_study_refuses_strangers(study: Study, ada: User) -> None:
    with pytest.raises(PermissionDenied, match="owners and managers"):
        load_study(document=DOCUMENT, by=ada)


def test_load_study_refuses_another_text_under_the_same_version() -> None:
    load_study(document=DOCUMENT, by=None)
    question = {**PREFERENCE["questions"][0], "key": "other"}
    changed = {"response": {"rubric": {"version": 1, "questions": [question]}}}

    with pytest.raises(ValidationError, match="version 1 is in use"):
        load_study(document={**DOCUMENT, "stages": changed}, by=None)

    assert Study.objects.get().document == DOCUMENT


def test_close_study_and_open_study(study: Study, ada: User) -> None:
    add_member(study=study, user=ada, role="manager", by=None)

    close_study(study=study, by=ada)
    was_open = study.is_open
    open_study(study=study, by=ada)

    assert (was_open, study.is_open) == (False, True)


def test_study_cannot_be_closed_without_a_time(study: Study) -> None:
    with pytest.raises(IntegrityError):
        Study.objects.update(state="closed")


def test_close_study_is_not_for_viewers(study: Study, ada: User) -> None:
    add_member(study=study, user=ada, role="viewer", by=None)

    with pytest.raises(PermissionDenied):
        close_study(study=study, by=ada)


def test_enter_study_stores_version_and_time_of_each_scope(study: Study) -> None:
    participant = enter_study(study=study, scopes=["take_part", "peers"])

    kept = participant.consents.order_by("scope").values_list("scope", "version")
    assert list(kept) == [("peers", "2"), ("take_part", "2")]
    assert all(consent.given_at for consent in participant.consents.all())


def test_enter_study_needs_what_the_study_requires(study: Study) -> None:
    with pytest.raises(ValidationError, match="required"):
        enter_study(study=study, scopes=["peers"])

    assert Participant.objects.count() == 0


def test_enter_study_refuses_scopes_nobody_asked_for(study: Study) -> None:
    with pytest.raises(ValidationError, match="does not ask for: publish_words"):
        enter_study(study=study, scopes=["take_part", "publish_words"])


def test_enter_study_refuses_a_closed_study(study: Study) -> None:
    study.state = Study.State.CLOSED

    with pytest.raises(ValidationError, match="closed"):
        enter_study(study=study, scopes=["take_part"])


def test_enter_study_knows_a_signed_in_user_again(study: Study, ada: User) -> None:
    first = enter_study(study=study, scopes=["take_part"], user=ada)
    second = enter_study(study=study, scopes=["take_part"], user=ada)

    assert first == second


def test_withdraw_consent_ends_the_scope_and_keeps_the_row(study: Study) -> None:
    participant = enter_study(study=study, scopes=["take_part", "peers"])

    withdraw_consent(participant=participant, scope="peers")

    assert not Participant.objects.consented("peers").exists()
    assert Participant.objects.consented("take_part").exists()
    assert Consent.objects.count() == 2


def test_give_consent_again_after_withdrawing(study: Study) -> None:
    participant = enter_study(study=study, scopes=["take_part", "peers"])
    withdraw_consent(participant=participant, scope="peers")

    give_consent(participant=participant, scopes=["take_part", "peers"])

    assert Participant.objects.consented("peers").exists()
    withdrawals = participant.consents.filter(scope="peers", withdrawn_at__isnull=False)
    assert withdrawals.count() == 1


def test_the_database_refuses_the_same_yes_twice(study: Study) -> None:
    participant = enter_study(study=study, scopes=["take_part"])

    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(participant=participant, scope="take_part", version="2")


def test_external_participant_is_one_per_name_on_the_declared_basis() -> None:
    study = make_study(external_raters={"basis": "none", "scopes": ["take_part"]})

    first = external_participant(study=study, name="w17")
    second = external_participant(study=study, name="w17")

    assert (first, first.basis) == (second, "none")
    assert list(first.consents.values_list("scope", flat=True)) == ["take_part"]


def test_create_token_keeps_no_clear_text(study: Study, ada: User) -> None:
    add_member(study=study, user=ada, role="viewer", by=None)

    token = create_token(user=ada, study=study, scope="read")

    kept = ApiToken.objects.get()
    assert token.startswith("fh_")
    assert token not in (kept.digest, kept.token_key, str(kept))


def test_create_token_refuses_strangers_and_unknown_scopes(study: Study, ada: User) -> None:
    with pytest.raises(PermissionDenied):
        create_token(user=ada, study=study, scope="read")
    with pytest.raises(ValidationError):
        create_token(user=ada, study=None, scope="everything")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [("read", ["read"]), ("judge", ["read", "judge"]), ("manage", ["read", "judge", "manage"])],
)
def test_a_token_allows_its_scope_and_those_below(scope: str, allowed: list[str]) -> None:
    token = ApiToken(scope=scope)

    assert [each for each in ("read", "judge", "manage") if token.allows(each)] == allowed
