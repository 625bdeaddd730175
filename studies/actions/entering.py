"""What makes somebody a participant of a study."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from studies.actions.consents import give_consent
from studies.actions.invitations import use_invitation
from studies.actions.visits import hold_entry, note_yes
from studies.models import Consent, ConsentScope, Participant, Study, User
from studies.recruitment.identities import digest_of, form_digest, participant_of
from studies.recruitment.models import PanelIdentity
from studies.recruitment.panel import Arrival
from studies.recruitment.registry import admits_anyone
from studies.recruitment.sealing import seal
from studies.recruitment.ways import PLAIN, Way
from studies.refs import new_ref


@transaction.atomic
def enter_study(
    *,
    study: Study,
    scopes: Iterable[str],
    language: str = "",
    user: User | None = None,
    version: str | None = None,
    way: Way = PLAIN,
    participant: Participant | None = None,
) -> Participant:
    """Make a participant of somebody who said yes on the consent page, or find them again.

    `participant` is who they are already, when a new text asks them again. Whoever comes by a panel
    is known by the panel's id alone; who presses twice is one participant. Raises ValidationError
    when a scope the study requires was not given, `version` is not the text's present one, the
    invitation holds no longer, or the study is closed.
    """
    if not study.is_open:
        raise ValidationError(_("This study is closed."))
    entry = hold_entry(study=study, visitor=way.visitor) if way.visitor else None
    participant = participant or _known(study, user, way.arrival)
    if participant is None and entry:
        participant = entry.participant
    if participant is None:
        participant = _newcomer(study, language, user, way)
    give_consent(participant=participant, scopes=scopes, version=version)
    if entry:
        note_yes(entry=entry, participant=participant, form=form_digest(study, way.form))
    return participant


def _known(study: Study, user: User | None, arrival: Arrival | None) -> Participant | None:
    if arrival:
        return participant_of(study, arrival)
    return Participant.objects.filter(study=study, user=user).first() if user else None


def _newcomer(study: Study, language: str, user: User | None, way: Way) -> Participant:
    """A new participant, or the one that a second request of theirs made in between."""
    if not (way.arrival or way.invitation or admits_anyone(study)):
        raise ValidationError(_("This study can only be entered with an invitation."))
    try:
        with transaction.atomic():
            return _create(study, language, user, way)
    except IntegrityError:
        participant = _known(study, user, way.arrival)
        if participant is None:
            raise
        return participant


def _create(study: Study, language: str, user: User | None, way: Way) -> Participant:
    participant = Participant(study=study, language=language, ref=new_ref())
    participant.user = None if way.arrival else user
    if way.invitation and not way.arrival:
        participant.is_expert = use_invitation(study=study, invitation=way.invitation).is_expert
    participant.save(force_insert=True)
    if way.arrival:
        _keep_identity(participant, way.arrival)
    return participant


def _keep_identity(participant: Participant, arrival: Arrival) -> None:
    """What is sealed names its participant, so that no other row can be put in its place."""
    PanelIdentity.objects.create(
        participant=participant,
        study=participant.study,
        panel=arrival.panel,
        digest=digest_of(participant.study, arrival.panel, arrival.person),
        sealed=seal(arrival.as_values() | {"participant": participant.pk.hex}),
    )


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
