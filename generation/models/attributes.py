"""What is said about people: attributes, where they were said, how they stand to each other."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from collection.models import Conversation, Turn
from llm.models import Call
from studies.models import Participant, Study
from studies.refs import RefField


class AttributeQuerySet(models.QuerySet["Attribute"]):
    """Attributes, by what the person they describe allowed, and whether it may be remembered."""

    def remembered(self) -> "AttributeQuerySet":
        """Those that their owner did not ask to forget."""
        return self.filter(forgotten_at__isnull=True)

    def current(self) -> "AttributeQuerySet":
        """Those that still stand: nothing represents, supersedes or refines them, none was dropped.

        Who asks about what is new uses these; what was made of others stays.
        """
        own = {"attribute": models.OuterRef("pk")}
        replaced = AttributeLink.objects.filter(**own, replaces=True)
        dropped = Verification.objects.filter(**own, dropped_at__isnull=False)
        return self.filter(~models.Exists(replaced), ~models.Exists(dropped))

    def consented(self, scope: str) -> "AttributeQuerySet":
        """Those of people who allowed the scope, and those with no person behind them."""
        allowed = Participant.objects.consented(scope)
        return self.filter(Q(participant__isnull=True) | Q(participant__in=allowed))


class Attribute(models.Model):
    """A statement about a participant. Never updated: what raters saw cannot change."""

    class Type(models.TextChoices):
        """What kind of thing is stated."""

        BACKGROUND = "background"
        """Where the person comes from, lives, works; what they are."""
        PREFERENCE = "preference"
        """What they like, dislike or choose."""
        SKILL = "skill"
        """What they can do, and how well."""
        GOAL = "goal"
        """What they want to reach."""
        PLAN = "plan"
        """What they intend to do, and when."""
        RELATION = "relation"
        """Who belongs to their life."""
        POSSESSION = "possession"
        """What they own or use."""
        STATE = "state"
        """How they are at the moment."""
        CONSTRAINT = "constraint"
        """What limits them: health, money, time, belief."""

    class Explicitness(models.TextChoices):
        """How it was said."""

        STATED = "stated"
        """In so many words."""
        IMPLIED = "implied"
        """It follows from what was said."""

    class Scope(models.TextChoices):
        """How long it holds."""

        LASTING = "lasting"
        """A trait or long habit."""
        NOW = "for_now"
        """For weeks or months."""
        TASK = "task"
        """For this one request."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="attributes", db_index=False
    )
    ref = RefField()
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="attributes"
    )
    text = models.TextField()
    type = models.CharField(max_length=20, choices=Type, blank=True)
    explicitness = models.CharField(max_length=10, choices=Explicitness, blank=True)
    scope = models.CharField(max_length=10, choices=Scope, blank=True)
    author = models.CharField(max_length=120)
    """`owner`, `imported`, or `llm:` and the model's name."""
    provenance = models.JSONField(default=dict, blank=True)
    """For a model's: endpoint, parameters, prompt version, confidence."""
    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="attributes"
    )
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="corrections"
    )
    """The attribute that its owner replaced by this one."""
    forgotten_at = models.DateTimeField(null=True, blank=True)
    """When its owner asked not to remember it: used, shown and released no more."""
    flags = models.JSONField(default=list, blank=True)
    """What was noticed about it, such as `instruction_like`: it reads like an order to a model."""
    extra = models.JSONField(default=dict, blank=True)

    objects = AttributeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="attribute_ref_in_study")
        ]
        indexes = [
            # Every claim of a place looks for what must not be shown any more.
            models.Index(
                fields=["study"],
                condition=Q(forgotten_at__isnull=False),
                name="forgotten_attributes",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Evidence(models.Model):
    """Where an attribute was said: a span of a turn, or somewhere in a conversation."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="evidence")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="evidence"
    )
    turn = models.ForeignKey(
        Turn, null=True, blank=True, on_delete=models.CASCADE, related_name="evidence"
    )
    start = models.PositiveIntegerField(null=True, blank=True)
    """First code point of the span in the turn's content."""
    end = models.PositiveIntegerField(null=True, blank=True)
    """One past its last code point."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(turn__isnull=True, start__isnull=True, end__isnull=True)
                | Q(turn__isnull=False, start__isnull=False, end__gt=F("start")),
                name="evidence_is_a_span_or_a_conversation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attribute_id} in {self.conversation_id}"


class AttributeLink(models.Model):
    """How one attribute of a person stands to another; both rows stay as they are."""

    class Kind(models.TextChoices):
        """What `other` is to `attribute`."""

        DUPLICATE = "duplicate"
        """It says the same and represents it."""
        SUPERSEDED = "superseded"
        """It is a newer statement that took its place."""
        CONFLICT = "conflict"
        """It contradicts it, and neither is known to be newer."""
        REFINED = "refined"
        """It was written anew after a verifier's complaint."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="attribute_links")
    attribute = models.ForeignKey(
        Attribute, on_delete=models.CASCADE, related_name="links", db_index=False
    )
    other = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="linked")
    kind = models.CharField(max_length=12, choices=Kind)
    replaces = models.BooleanField()
    """Does `other` stand in for `attribute`? So of all kinds but a conflict."""
    author = models.CharField(max_length=120)
    """Who found it: `lexical`, `embeddings:` or `llm:` and the model's name."""
    score = models.FloatField(null=True)
    """How near the texts are, from 0 to 1, where that was measured."""
    provenance = models.JSONField(default=dict, blank=True)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attribute", "other", "kind"], name="attributes_linked_once"
            ),
            models.CheckConstraint(
                condition=~Q(attribute=F("other")), name="attribute_linked_to_another"
            ),
            models.CheckConstraint(
                condition=Q(replaces=True) ^ Q(kind="conflict"), name="a_conflict_replaces_nothing"
            ),
            # Also serves looking for what still stands.
            models.UniqueConstraint(
                fields=["attribute"], condition=Q(replaces=True), name="attribute_replaced_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute_id} {self.kind} {self.other_id}"


class Verification(models.Model):
    """What a verifier said of an attribute: that its evidence bears it, or what is wrong."""

    attribute = models.ForeignKey(
        Attribute, on_delete=models.CASCADE, related_name="verifications", db_index=False
    )
    author = models.CharField(max_length=120)
    is_supported = models.BooleanField()
    fault = models.CharField(max_length=20, blank=True)
    """One of the rubric's faults, such as `too_general`; empty if it is supported."""
    dropped_at = models.DateTimeField(null=True, blank=True)
    """When the extractor, told of the fault, gave the attribute up."""
    provenance = models.JSONField(default=dict, blank=True)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attribute", "author"], name="verified_once_by_each"),
            models.CheckConstraint(
                condition=Q(is_supported=True, fault="") | (Q(is_supported=False) & ~Q(fault="")),
                name="verification_names_the_fault",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(is_supported=False),
                name="only_what_is_faulty_is_dropped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute_id}: {self.fault or 'supported'}"
