"""What owners do about what was noticed: put it right, or ask not to remember it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.actions.attributes import flags_of
from generation.extraction import LONGEST_STATEMENT
from generation.models import Attribute, AttributeQuerySet, Evidence
from generation.owning import OWNER
from generation.queries import same_as
from studies.models import Participant


@transaction.atomic
def correct_attribute(*, attribute: Attribute, participant: Participant, text: str) -> Attribute:
    """The owner's own words in place of an attribute, which is remembered no more.

    What raters saw cannot change, so it is a new row, said in the same conversations. The same
    words sent again are the same correction. Raises ValidationError, PermissionDenied.
    """
    old = _own(attribute, participant)
    words = text.strip()
    _check(words, old)
    earlier = old.corrections.filter(text=words).first()
    if earlier is not None:
        if earlier.forgotten_at is not None and old.forgotten_at is None:  # it was undone
            remember_attribute(attribute=earlier, participant=participant)
            forget_attribute(attribute=old, participant=participant)
        return earlier
    if old.forgotten_at is not None:
        raise ValidationError(_("You took this one out already."))
    new = Attribute.objects.create(
        study_id=old.study_id,
        participant=participant,
        text=words,
        type=old.type,
        scope=old.scope,
        author=OWNER,
        flags=flags_of(words),
        corrects=old,
    )
    said_in = old.evidence.values_list("conversation", flat=True).distinct()
    Evidence.objects.bulk_create(
        Evidence(attribute=new, conversation_id=conversation) for conversation in said_in
    )
    forget_attribute(attribute=old, participant=participant)
    return new


def _check(words: str, old: Attribute) -> None:
    if not words:
        raise ValidationError(_("Please write what is right instead."))
    if "\x00" in words:
        raise ValidationError(_("Please leave out the character NUL."))
    if len(words) > LONGEST_STATEMENT:
        raise ValidationError(
            _("Please use at most %(most)d characters.") % {"most": LONGEST_STATEMENT}
        )
    if words == old.text:
        raise ValidationError(_("This is what it says already."))


@transaction.atomic
def forget_attribute(*, attribute: Attribute, participant: Participant) -> None:
    """Do not remember it: from now on it is asked of nobody, sent nowhere and not released.

    Nor is what says the same: duplicates that models noticed elsewhere, and refined versions.
    """
    own = _own(attribute, participant)
    if own.forgotten_at is None:
        _alike(own).remembered().update(forgotten_at=timezone.now())


@transaction.atomic
def remember_attribute(*, attribute: Attribute, participant: Participant) -> None:
    """Take back `forget_attribute`. Raises ValidationError where it was put right since."""
    own = _own(attribute, participant)
    if own.corrections.remembered().exists():
        raise ValidationError(_("Your own words stand in its place."))
    _remember(own)


@transaction.atomic
def undo_correction(*, attribute: Attribute, participant: Participant) -> None:
    """Take back `correct_attribute`: the line stands again, the owner's words are forgotten."""
    own = _own(attribute, participant)
    for words in own.corrections.remembered():
        forget_attribute(attribute=words, participant=participant)
    _remember(own)


def _remember(own: Attribute) -> None:
    """With it, what was forgotten at the same moment because it says the same.

    Not what its owner put right since.
    """
    corrected = Attribute.objects.remembered().filter(corrects__isnull=False).values("corrects")
    rows = _alike(own).filter(forgotten_at=own.forgotten_at)
    rows.exclude(pk__in=corrected).update(forgotten_at=None)


def _alike(own: Attribute) -> AttributeQuerySet:
    """The attribute and what says the same; those that its owner wrote are asked for by name."""
    others = Attribute.objects.filter(pk__in=same_as(own) - {own.pk}).exclude(author=OWNER)
    return Attribute.objects.filter(Q(pk=own.pk) | Q(pk__in=others.values("pk")))


def _own(attribute: Attribute, participant: Participant) -> Attribute:
    """The row, locked, if it is about the person."""
    row = Attribute.objects.select_for_update(of=("self",)).get(pk=attribute.pk)
    if row.participant_id != participant.pk:
        raise PermissionDenied(_("This is not about you."))
    return row
