"""What was said: conversations and their turns."""

from collections.abc import Iterable
from uuid import uuid4

from django.db import models
from django.db.models import Q

from studies.models import Participant, Study
from studies.refs import RefField

LONGEST_TEXT = 1_000_000
"""Code points that one turn, prompt or response may hold."""


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations that were shared, by what their owners allowed."""

    def consented(self, scope: str) -> "ConversationQuerySet":
        """Those whose owner allowed the scope, and those with no person behind them."""
        allowed = Participant.objects.consented(scope)
        return self.filter(Q(participant__isnull=True) | Q(participant__in=allowed))


class Conversation(models.Model):
    """What a participant and a model said to each other, as its owner shared it.

    Before that it is an `UnsharedConversation`, which nobody else can reach.
    """

    class Source(models.TextChoices):
        """How it came here."""

        LIVE = "live"
        """It took place on this site."""
        DONATED = "donated"
        """Its owner gave it from elsewhere."""
        IMPORTED = "imported"
        """It belongs to a data set."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="conversations", db_index=False
    )
    ref = RefField()
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="conversations"
    )
    source = models.CharField(max_length=10, choices=Source)
    model_names = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=200, blank=True)
    shared_at = models.DateTimeField(null=True, blank=True)
    """When its owner confirmed it; None of an imported one."""
    extra = models.JSONField(default=dict, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="conversation_ref_in_study"),
        ]

    def __str__(self) -> str:
        return self.title or self.ref

    def turns_at(self, edition: int | None = None) -> list["Turn"]:
        """The turns in order as they stood at an edition; None means now. One query."""
        return latest_turns(self.turns.order_by("position", "edition"), edition)


class Turn(models.Model):
    """One utterance. Never updated: an edit is a new row with the next edition's number."""

    class Role(models.TextChoices):
        """Who spoke."""

        USER = "user"
        """The person."""
        ASSISTANT = "assistant"
        """The model, or the person who played one."""
        SYSTEM = "system"
        """Instructions the model was given."""
        TOOL = "tool"
        """What a tool returned to the model."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="turns", db_index=False
    )
    position = models.PositiveIntegerField()
    edition = models.PositiveIntegerField(default=1)
    role = models.CharField(max_length=10, choices=Role)
    content = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position", "edition"]
        constraints = [
            # Also serves reading a conversation in order.
            models.UniqueConstraint(
                fields=["conversation", "position", "edition"], name="one_turn_per_edition"
            ),
            models.CheckConstraint(condition=Q(edition__gte=1), name="turn_editions_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"


def latest_turns(turns: Iterable[Turn], edition: int | None = None) -> list[Turn]:
    """Of turns ordered by position and edition, the newest of each position up to `edition`."""
    newest: dict[int, Turn] = {}
    for turn in turns:
        if edition is None or turn.edition <= edition:
            newest[turn.position] = turn
    return list(newest.values())
