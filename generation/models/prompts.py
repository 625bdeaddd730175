"""Prompts, replies to them, and what their generators were given."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from collection.models import Turn
from generation.models.attributes import Attribute
from llm.models import Call
from studies.models import Participant, Study
from studies.refs import RefField


class Profile(models.Model):
    """A person summed up by a model, for strategies that give a summary. Never updated."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="profiles")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="profiles", db_index=False
    )
    text = models.TextField()
    author = models.CharField(max_length=120)
    content_digest = models.CharField(max_length=64)
    """Of what it sums up, and how it was asked for."""
    provenance = models.JSONField(default=dict, blank=True)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "author", "content_digest"], name="one_profile_per_content"
            )
        ]

    def __str__(self) -> str:
        return f"profile of {self.participant_id} by {self.author}"


class Prompt(models.Model):
    """A new request for which personalization is tried."""

    class Type(models.TextChoices):
        """What it asks of somebody who knows the person."""

        RECALL = "recall"
        """A fact the person stated."""
        INFER = "infer"
        """A preference the person never stated."""
        COMBINE = "combine"
        """Something about the person together with outside knowledge."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="prompts", db_index=False
    )
    ref = RefField()
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="prompts"
    )
    text = models.TextField(blank=True)
    before = models.JSONField(default=list, blank=True)
    """The turns before it, as `[{"role": …, "content": …}]`."""
    type = models.CharField(max_length=10, choices=Type, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "ref"], name="prompt_ref_in_study")]

    def __str__(self) -> str:
        return self.text[:80]


class ResponseQuerySet(models.QuerySet["Response"]):
    """Responses, by whether what their generator was told may be remembered."""

    def remembered(self) -> "ResponseQuerySet":
        """Those made with no attribute that its owner asked to forget."""
        given = GivenAttribute.objects.filter(attribute__forgotten_at__isnull=False)
        return self.filter(~Q(pk__in=given.values("response")))


class Response(models.Model):
    """A reply to a prompt, and how it was personalized. Never updated."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="responses", db_index=False
    )
    ref = RefField()
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="responses")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="responses"
    )
    strategy = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    attributes = models.ManyToManyField(
        Attribute, through="GivenAttribute", related_name="responses"
    )
    profile = models.ForeignKey(
        Profile, null=True, blank=True, on_delete=models.SET_NULL, related_name="responses"
    )
    """The summary that its generator was given."""
    provenance = models.JSONField(default=dict, blank=True)
    """Endpoint, model asked, parameters, seed, prompt version, tokens, cost, latency."""
    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="responses"
    )
    extra = models.JSONField(default=dict, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="response_ref_in_study")
        ]

    def __str__(self) -> str:
        return self.text[:80]


class GivenAttribute(models.Model):
    """An attribute that a response's generator was given, in its place among them."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="given", db_index=False
    )
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="given")
    position = models.PositiveIntegerField()
    is_mentioned = models.BooleanField(null=True)
    """Does the response say it outright? None: not looked at."""

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["response", "attribute"], name="given_once"),
        ]

    def __str__(self) -> str:
        return f"{self.attribute_id} for {self.response_id}"


class GivenTurn(models.Model):
    """A turn that a response's generator was given, in its place among them."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="given_turns", db_index=False
    )
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="given")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["response", "turn"], name="turn_given_once"),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} for {self.response_id}"


class Selection(models.Model):
    """Whether an attribute was chosen for a prompt, and by whom."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="selections")
    prompt = models.ForeignKey(
        Prompt, on_delete=models.CASCADE, related_name="selections", db_index=False
    )
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="selections")
    source = models.CharField(max_length=120)
    """`owner`, `peers`, `retrieved`, or `llm:` and the model's name."""
    value = models.BooleanField()
    provenance = models.JSONField(default=dict, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "attribute", "source"], name="one_selection_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.attribute_id} {'for' if self.value else 'not for'} it"
