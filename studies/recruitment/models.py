"""How people come to a study: entries before consent, invitations, who a panel says they are."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from studies.models import Participant, Study


class Entry(models.Model):
    """Somebody opened a study's door: all that is kept before consent, for 24 hours at most."""

    class Outcome(models.TextChoices):
        """What became of it."""

        OPENED = "opened"
        """They read what they would agree to."""
        CONSENTED = "consented"
        """They became a participant."""
        DECLINED = "declined"
        """They said no."""
        SCREENED_OUT = "screened_out"
        """The study does not look for them, or has enough of them."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="entries", db_index=False
    )
    visitor = models.CharField(max_length=64)
    """Keyed hash of the visitor's session or panel id; says nothing without the key."""
    outcome = models.CharField(max_length=15, choices=Outcome, default=Outcome.OPENED)
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    """Whom their yes made: a second press of the button is the same person."""
    form = models.CharField(max_length=64, blank=True, default="")
    """Keyed hash of the key of the form they said yes on, for presses that come after."""
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["study", "visitor"], name="one_entry_per_visitor")
        ]
        indexes = [
            # Forgetting after 24 hours.
            models.Index(fields=["at"], name="entries_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.study}: {self.outcome}"


class EntryCount(models.Model):
    """How many entries of a study ended how, once the entries themselves are forgotten."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="entry_counts", db_index=False
    )
    outcome = models.CharField(max_length=15, choices=Entry.Outcome)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "outcome"], name="one_entry_count_per_outcome")
        ]

    def __str__(self) -> str:
        return f"{self.study}: {self.number} {self.outcome}"


class Invitation(models.Model):
    """A personal link into a study: counted, expiring, revocable; only its digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    label = models.CharField(max_length=100, blank=True)
    """For whoever invites; not a name that identifies."""
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the link's secret, which has 192 random bits."""
    uses = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(default=1)
    is_expert = models.BooleanField(default=False)
    """Who comes by it judges as an expert."""
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(uses__lte=F("limit")), name="an_invitation_is_used_up_to_its_limit"
            )
        ]

    def __str__(self) -> str:
        return self.label or str(self.id)


class PanelIdentity(models.Model):
    """Who a participant is to a panel: kept apart from the data, for coming back and for pay.

    `digest` finds them again, `sealed` is opened only for the panel's own export.
    """

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, primary_key=True, related_name="panel_identity"
    )
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+", db_index=False)
    panel = models.CharField(max_length=40)
    """The panel's name in the study document."""
    digest = models.CharField(max_length=64)
    """HMAC-SHA-256 of the panel's id of the person, keyed per study."""
    sealed = models.BinaryField()
    """The ids as JSON (participant, study, session), encrypted."""

    class Meta:
        verbose_name_plural = "panel identities"
        constraints = [
            models.UniqueConstraint(
                fields=["study", "panel", "digest"], name="one_participant_per_panel_id"
            )
        ]

    def __str__(self) -> str:
        return f"{self.panel}: {self.participant_id}"
