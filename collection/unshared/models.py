"""What was said and nobody but its owner may see yet.

These tables are apart from `collection.models` so that no query for peers, exports or machines can
reach a word in them: only this package, the owner's own pages and forgetting import them, which
`tests/test_architecture.py` holds. Sharing copies the redacted turns into `Conversation` and `Turn`
and deletes these rows.
"""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from collection.models import Turn
from llm.models import Endpoint
from studies.models import Participant, Study
from studies.refs import RefField


class DonationQuerySet(models.QuerySet["Donation"]):
    """Donations, by what is still to be done with them."""

    def waiting(self) -> "DonationQuerySet":
        """Those from which nothing has been chosen yet; their files are there."""
        return self.filter(emptied_at__isnull=True)


class Donation(models.Model):
    """A file of past conversations that a participant gives; it goes when they have chosen."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="donations")
    format = models.CharField(max_length=20)
    """Which importer reads it."""
    size = models.PositiveBigIntegerField()
    """Bytes of the file as it came."""
    found = models.PositiveIntegerField()
    """Conversations in it."""
    given = models.JSONField(default=dict, blank=True)
    """Digest of each conversation that was taken from it → the id it has here."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    emptied_at = models.DateTimeField(null=True, blank=True)
    """When its owner had chosen and its files were deleted."""

    objects = DonationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(emptied_at__isnull=True),
                name="one_waiting_donation_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format}, {self.found} conversations"


class UnsharedConversation(models.Model):
    """A conversation that is going on, or waits for its owner to read it before it is shared."""

    class Source(models.TextChoices):
        """How it came here; the same words as of a shared conversation."""

        LIVE = "live"
        """It takes place on this site."""
        DONATED = "donated"
        """Its owner gives it from elsewhere."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open"
        """It goes on. Left by finishing."""
        FINISHED = "finished"
        """Nothing is added any more. Left by sharing or removing, which delete the row."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    """Also the id of the shared conversation that comes of it."""
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="unshared_conversations"
    )
    ref = RefField()
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    donation = models.ForeignKey(
        Donation, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    origin = models.CharField(max_length=64, blank=True)
    """Digest of the donated conversation's own name, so that it is not given twice."""
    title = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    topic = models.CharField(max_length=60, blank=True)
    """Key of the study's topic that was chosen."""
    system_prompt = models.CharField(max_length=60, blank=True)
    """Key of the study's system prompt that the models are given."""
    endpoints = models.JSONField(default=list, blank=True)
    """Names of the hidden models, one per reply that is shown side by side."""
    seed = models.BigIntegerField(null=True, blank=True)
    """Drew the models; kept so that the drawing can be repeated."""
    began_at = models.DateTimeField(null=True, blank=True)
    """When it took place, as far as is known."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "origin"],
                condition=~Q(origin=""),
                name="one_gift_of_a_conversation",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class UnsharedTurn(models.Model):
    """One utterance, or one of the replies offered side by side, as it was said."""

    class State(models.TextChoices):
        """How much of it there is."""

        WAITING = "waiting"
        """A reply that was asked for and has not begun."""
        STREAMING = "streaming"
        """A reply that is coming in; its text is in `events` so far."""
        WHOLE = "whole"
        """All of it. Final."""
        STOPPED = "stopped"
        """A reply that its reader stopped; `content` is what they saw. Final."""
        CUT = "cut"
        """A reply that broke off; never shown as whole. Final."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(
        UnsharedConversation, on_delete=models.CASCADE, related_name="turns", db_index=False
    )
    position = models.PositiveIntegerField()
    place = models.PositiveIntegerField(default=0)
    """Of replies at one position; asking again takes the next places."""
    role = models.CharField(max_length=10, choices=Turn.Role)
    content = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WHOLE)
    endpoint = models.ForeignKey(
        Endpoint, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    model = models.CharField(max_length=200, blank=True)
    """Who replied, once known."""
    job = models.UUIDField(null=True, blank=True)
    """The leased job under which it streams."""
    is_chosen = models.BooleanField(default=True)
    """Is it what the conversation goes on from?"""
    awaits_reply = models.BooleanField(default=False)
    """A person's turn to which no reply was chosen yet."""
    wants_stop = models.BooleanField(default=False)
    """Its reader asked to stop it."""
    seen = models.PositiveIntegerField(null=True, blank=True)
    """How many characters of it they had seen then."""
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    send_key = models.CharField(max_length=80, blank=True)
    """The sender's own name for the turn: sent twice it is one turn."""
    is_removed = models.BooleanField(default=False)
    """Its owner took it out before sharing."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "position", "place"], name="one_utterance_per_place"
            ),
            models.UniqueConstraint(
                fields=["conversation", "send_key"],
                condition=~Q(send_key=""),
                name="a_turn_is_sent_once",
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(awaits_reply=True),
                name="one_open_turn_per_conversation",
            ),
            models.UniqueConstraint(
                fields=["conversation", "position"],
                condition=Q(is_chosen=True),
                name="one_chosen_reply_per_position",
            ),
        ]
        indexes = [
            # Replies whose web process may have vanished.
            models.Index(
                fields=["state"],
                condition=Q(state__in=["waiting", "streaming"]),
                name="replies_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.position}.{self.place} ({self.state})"


class ReplyEvent(models.Model):
    """A piece of a reply in the order of its coming; append-only, gone when the reply is whole."""

    turn = models.ForeignKey(
        UnsharedTurn, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    sequence = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["turn", "sequence"], name="reply_events_in_sequence")
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.sequence}"


class Redaction(models.Model):
    """A span of personal data that is replaced when the conversation is shared."""

    class Origin(models.TextChoices):
        """Who found it."""

        PROPOSED = "proposed"
        """A detector; the owner may lift it."""
        OWNER = "owner"
        """Its owner marked it."""

    turn = models.ForeignKey(
        UnsharedTurn, on_delete=models.CASCADE, related_name="redactions", db_index=False
    )
    start = models.PositiveIntegerField()
    """First code point of the span in the turn's content."""
    end = models.PositiveIntegerField()
    """One past its last code point."""
    kind = models.CharField(max_length=20)
    """What it is: see `collection.redaction.kinds`."""
    origin = models.CharField(max_length=10, choices=Origin)
    is_lifted = models.BooleanField(default=False)
    """Its owner wants these words to stay."""
    replacement = models.CharField(max_length=200, blank=True)
    """The owner's own words for it; else a placeholder of its kind."""

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["turn", "start", "end"], name="one_redaction_per_span"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="redaction_is_a_span"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.start}-{self.end}"
