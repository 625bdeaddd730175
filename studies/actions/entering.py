"""What makes somebody a participant of a study."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from studies.actions.consents import give_consent
from studies.models import Consent, ConsentScope, Participant, Study, User
from studies.refs import new_ref


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
