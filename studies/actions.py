"""What changes who takes part, in what, and what they allowed."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from studies.document import apply_sections, check_document
from studies.models import (
    ApiToken,
    Consent,
    ConsentScope,
    Membership,
    Participant,
    Study,
    User,
)
from studies.refs import new_ref
from studies.rules import check_can_manage

TOKEN_LIFETIME = timedelta(days=90)


@transaction.atomic
def load_study(*, document: Mapping[str, Any], by: User | None, is_new: bool = False) -> Study:
    """Make the study that a checked document describes, or bring it up to the document.

    `by` None is the operator at the command line. With `is_new`, a study that exists is refused
    instead of changed. Raises ValidationError, PermissionDenied.
    """
    check_document(document)
    study = Study.objects.select_for_update(no_key=True).filter(slug=document["slug"]).first()
    if study and is_new:
        raise ValidationError(
            f"There is a study “{study.slug}” already; a new one needs another slug."
        )
    if study is None:
        study = Study.objects.create(slug=document["slug"], document=document)
        if by:
            Membership.objects.create(study=study, user=by, role=Membership.Role.OWNER)
    elif by:
        check_can_manage(study, by)
    study.document = dict(document)
    study.save(update_fields=["document"])
    apply_sections(study, document)
    return study


@transaction.atomic
def close_study(*, study: Study, by: User) -> None:
    """Ask nothing more of anyone."""
    check_can_manage(study, by)
    study.state = Study.State.CLOSED
    study.save(update_fields=["state"])


@transaction.atomic
def open_study(*, study: Study, by: User) -> None:
    """Let people in again."""
    check_can_manage(study, by)
    study.state = Study.State.OPEN
    study.save(update_fields=["state"])


@transaction.atomic
def add_member(*, study: Study, user: User, role: str, by: User | None) -> Membership:
    """Give a user a role in running the study, or another one than before."""
    if by:
        check_can_manage(study, by)
    membership, _ = Membership.objects.update_or_create(
        study=study, user=user, defaults={"role": role}
    )
    return membership


@transaction.atomic
def enter_study(
    *, study: Study, scopes: Iterable[str], language: str = "", user: User | None = None
) -> Participant:
    """Make a participant of somebody who said yes on the consent page.

    Raises ValidationError when a scope the study requires was not given, or it is closed.
    """
    if not study.is_open:
        raise ValidationError("This study is closed.")
    participant = Participant.objects.filter(study=study, user=user).first() if user else None
    if participant is None:
        participant = Participant(study=study, user=user, language=language, ref=new_ref())
        participant.save(force_insert=True)
    give_consent(participant=participant, scopes=scopes)
    return participant


@transaction.atomic
def give_consent(*, participant: Participant, scopes: Iterable[str]) -> list[Consent]:
    """Store a person's yes to these scopes of the study's present consent text, with the time.

    A yes in force stays as it is; one that was withdrawn stays too, and a new one is added.
    """
    section = participant.study.document.get("consent") or {}
    given = set(scopes)
    _check_scopes(given, section)
    return [
        Consent.objects.get_or_create(
            participant=participant,
            scope=scope,
            version=str(section.get("version", "")),
            withdrawn_at=None,
            defaults={"given_at": timezone.now()},
        )[0]
        for scope in sorted(given)
    ]


def _check_scopes(given: set[str], section: Mapping[str, Any]) -> None:
    unknown = given - set(section.get("scopes", ConsentScope.values))
    if unknown:
        raise ValidationError(f"This study does not ask for: {', '.join(sorted(unknown))}.")
    missing = set(section.get("required", [ConsentScope.TAKE_PART])) - given
    if missing:
        raise ValidationError("You can only take part if you agree to what is marked as required.")


@transaction.atomic
def withdraw_consent(*, participant: Participant, scope: str) -> int:
    """Take back a yes from now on; the row stays, with its date. The number of rows taken back."""
    return Consent.objects.filter(
        participant=participant, scope=scope, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())


@transaction.atomic
def external_participant(*, study: Study, name: str) -> Participant:
    """The participant behind a name that a panel or program uses, made at first use.

    Their consent was given elsewhere, on the basis that the study declares.
    """
    declared = study.document.get("external_raters") or {}
    participant, made = Participant.objects.get_or_create(
        study=study, ref=name, defaults={"basis": declared.get("basis", "external")}
    )
    if made:
        scopes = declared.get("scopes", [ConsentScope.TAKE_PART, ConsentScope.PUBLISH_RATINGS])
        Consent.objects.bulk_create(
            Consent(participant=participant, scope=scope, given_at=None) for scope in scopes
        )
    return participant


@transaction.atomic
def create_token(*, user: User, study: Study | None, scope: str, name: str = "") -> str:
    """A new API token of the user for the study; this clear text is not kept anywhere."""
    if scope not in ApiToken.Scope.values:
        raise ValidationError(f"A token's scope is one of {', '.join(ApiToken.Scope.values)}.")
    if study and not Study.objects.visible_to(user).filter(pk=study.pk).exists():
        raise PermissionDenied(f"{user} has no role in the study {study}.")
    # Knox returns the row and the clear text, and wants a span of time for `expiry`.
    made: Any = ApiToken.objects.create(
        user=user,
        study=study,
        scope=scope,
        name=name,
        expiry=TOKEN_LIFETIME,  # type: ignore[misc]
    )
    return str(made[1])


@transaction.atomic
def ensure_administrator(*, username: str, password: str) -> User:
    """The superuser of that name, with that password from now on."""
    user = User.objects.filter(username=username).first() or User(username=username)
    user.is_staff = user.is_superuser = True
    user.set_password(password)
    user.save()
    return user
