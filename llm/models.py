"""The models we can reach, and the ledger of every question put to them."""

from decimal import Decimal
from uuid import UUID, uuid4

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Endpoint(models.Model):
    """A model we can reach: where it is, what it can do, and what it costs.

    `key_name` names the environment variable that holds the key; the key itself is never stored.
    """

    class Protocol(models.TextChoices):
        """How it is asked."""

        CHAT = "chat"
        """An OpenAI-compatible `/chat/completions` over HTTP."""
        BASELINE = "baseline"
        """Rules computed in this process; no model, no network, no cost."""

    class Structured(models.TextChoices):
        """The strictest way this endpoint is known to take for typed answers."""

        JSON_SCHEMA = "json_schema"
        """`response_format` with a schema. Falls to `json_object` if the server refuses it."""
        JSON_OBJECT = "json_object"
        """`response_format` without a schema. Falls to `prompt` if the server refuses it."""
        PROMPT = "prompt"
        """The schema is only in the prompt, and the JSON is extracted from the text."""

    class TokenLimitName(models.TextChoices):
        """The parameter that limits the length of an answer."""

        MAX_TOKENS = "max_tokens"
        """What most compatible servers take."""
        MAX_COMPLETION_TOKENS = "max_completion_tokens"
        """What OpenAI's reasoning models take."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=60, unique=True)
    base_url = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=200)
    key_name = models.CharField(max_length=100, blank=True)
    protocol = models.CharField(max_length=10, choices=Protocol, default=Protocol.CHAT)
    structured = models.CharField(max_length=15, choices=Structured, default=Structured.JSON_SCHEMA)
    token_limit_name = models.CharField(
        max_length=30, choices=TokenLimitName, default=TokenLimitName.MAX_TOKENS
    )
    extra_params = models.JSONField(default=dict, blank=True)
    price_prompt = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    price_completion = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    timeout = models.PositiveIntegerField(default=90)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(protocol="baseline") | ~Q(base_url=""), name="endpoint_has_an_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.model})"

    @property
    def is_baseline(self) -> bool:
        """Whether its answers are computed by rules in this process."""
        return self.protocol == self.Protocol.BASELINE

    def cost_of(self, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
        """The price of a call in the currency of the prices, or None if they are not known."""
        if self.price_prompt is None or self.price_completion is None:
            return None
        total = self.price_prompt * prompt_tokens + self.price_completion * completion_tokens
        return (total / 1_000_000).quantize(Decimal("0.000000001"))


class CallQuerySet(models.QuerySet["Call"]):
    """Calls, by what became of them."""

    def of_attempt(self, job_id: UUID, attempt: int) -> "CallQuerySet":
        """Those made by one holder of a job."""
        return self.filter(job_id=job_id, attempt=attempt)

    def open(self) -> "CallQuerySet":
        """Those that were sent and of which nothing more is known."""
        return self.filter(state=Call.State.SENT)

    def wasted(self) -> "CallQuerySet":
        """Those that may have been paid for and gave nothing."""
        return self.filter(state__in=[Call.State.ERROR, Call.State.UNKNOWN, Call.State.LATE])


class Call(models.Model):
    """One question put to a model: on record before it leaves, whatever becomes of it.

    The prompt's text is not kept, only its version and a digest. `raw_response` is the body as it
    came; it is deleted when the participant it is about is forgotten.
    """

    class State(models.TextChoices):
        """What is known of the call."""

        SENT = "sent"
        """On its way. Left when an answer comes, or by the next claim of its job."""
        OK = "ok"
        """A usable answer came. Left only if it turns out to be late or invalid."""
        ERROR = "error"
        """No usable answer came; `outcome` says why."""
        UNKNOWN = "unknown"
        """Its worker vanished; it may have been paid. Becomes ok if a captured body is used."""
        LATE = "late"
        """Its answer came when somebody else held the job; it was not used."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="calls")
    job_id = models.UUIDField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField(default=1)
    adopted_by = models.PositiveIntegerField(null=True)
    scope = models.CharField(max_length=100)
    subject = models.UUIDField(null=True, db_index=True)
    purpose = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    outcome = models.CharField(max_length=40, blank=True)
    flags = models.JSONField(default=list)
    model_asked = models.CharField(max_length=200)
    model_answered = models.CharField(max_length=200, blank=True)
    prompt_version = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64, blank=True)
    params = models.JSONField(default=dict)
    http_status = models.PositiveIntegerField(null=True)
    provider_request_id = models.CharField(max_length=200, blank=True)
    raw_response = models.TextField(blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=9, null=True)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["job_id", "attempt", "number"],
                condition=Q(job_id__isnull=False),
                name="call_number_unique_per_attempt",
            ),
            models.UniqueConstraint(
                fields=["job_id"],
                condition=Q(state="sent", job_id__isnull=False),
                name="call_open_at_most_one_per_job",
            ),
        ]
        indexes = [
            # The study page sums calls and cost by scope and purpose.
            models.Index(fields=["scope", "purpose", "state"], name="call_by_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.model_asked} ({self.state})"
