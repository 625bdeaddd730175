"""The models we can reach, and the ledger of every question put to them."""

from decimal import Decimal
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

LESS_THAN_ANY = Decimal("0.0000000005")
"""Half of the smallest amount of money that is kept."""
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Parameters that limit the length of an answer, by the names that servers give them."""


class Endpoint(models.Model):
    """A model we can reach: where it is, what it can do, and what it costs.

    The key is in the environment variable named by `key_name`, or sealed in `sealed_key`; it is
    shown to nobody.
    """

    class Protocol(models.TextChoices):
        """How it is asked."""

        CHAT = "chat"
        """An OpenAI-compatible `/chat/completions` over HTTP."""
        RESPONSES = "responses"
        """OpenAI's `/responses` over HTTP."""
        EMBEDDINGS = "embeddings"
        """An OpenAI-compatible `/embeddings` over HTTP: texts in, vectors out."""
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

    class KeyHeader(models.TextChoices):
        """How the key is sent."""

        BEARER = "bearer"
        """`Authorization: Bearer KEY`."""
        API_KEY = "api-key"
        """`api-key: KEY`, as Azure takes it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=60, unique=True)
    base_url = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=200)
    extra_query = models.JSONField(default=dict, blank=True)
    """Added to the address, such as Azure's `api-version`; names to texts."""
    key_name = models.CharField(max_length=100, blank=True)
    sealed_key = models.TextField(blank=True, editable=False)
    key_header = models.CharField(max_length=10, choices=KeyHeader, default=KeyHeader.BEARER)
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
    max_output_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    """Sent where a question sets no limit of its own. A budget in money needs it."""
    first_byte_timeout = models.PositiveIntegerField(default=60, validators=[MinValueValidator(1)])
    """Seconds until the answer begins."""
    idle_timeout = models.PositiveIntegerField(default=30, validators=[MinValueValidator(1)])
    """Seconds between two pieces of it."""
    timeout = models.PositiveIntegerField(default=90, validators=[MinValueValidator(1)])
    """Seconds for the whole call."""
    max_concurrency = models.PositiveIntegerField(default=16, validators=[MinValueValidator(1)])
    """Jobs that may be held at once for it, by all workers together."""
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tokens_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    reuse_days = models.PositiveIntegerField(default=30)
    """How long an answer serves for the very same question within a study; 0: never."""
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

    def clean(self) -> None:
        """Refuse what would take away the limit that budgets reckon with."""
        params = self.extra_params if isinstance(self.extra_params, dict) else {}
        for name in LIMITS:
            if name in params and not _is_limit(params[name]):
                message = f"{name} is a whole number above zero, or is left out."
                raise ValidationError({"extra_params": message})

    @property
    def lane(self) -> str:
        """The name of the lane that its jobs share; rules in our own process need none."""
        return "" if self.is_baseline else f"endpoint:{self.pk}"

    @property
    def is_paced(self) -> bool:
        """Whether its requests or tokens of a minute are limited."""
        return bool(self.requests_per_minute or self.tokens_per_minute)

    @property
    def is_baseline(self) -> bool:
        """Whether its answers are computed by rules in this process."""
        return self.protocol == self.Protocol.BASELINE

    def cost_of(self, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
        """The price of a call in the currency of the prices, or None if they are not known."""
        if self.price_prompt is None or (self.price_completion is None and completion_tokens):
            return None
        completion = (self.price_completion or 0) * completion_tokens
        total = self.price_prompt * prompt_tokens + completion
        return (total / 1_000_000).quantize(Decimal("0.000000001"))


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


class EndpointHealth(models.Model):
    """How an endpoint behaves, as all workers see it. Its lane holds what follows from it."""

    class Circuit(models.TextChoices):
        """Whether it is asked."""

        CLOSED = "closed"
        """It is asked. Left when it fails too often, or refuses for good."""
        OPEN = "open"
        """It is left alone until `open_until`. Left by a probe, or by a person."""
        HALF_OPEN = "half_open"
        """One question probes it. Left by its outcome."""

    endpoint = models.OneToOneField(
        Endpoint, models.CASCADE, primary_key=True, related_name="health"
    )
    circuit = models.CharField(max_length=10, choices=Circuit, default=Circuit.CLOSED)
    reason = models.CharField(max_length=200, blank=True)
    trips = models.PositiveIntegerField(default=0)
    """How often in a row it was opened; each time for longer."""
    open_until = models.DateTimeField(null=True)
    """None while open: a person must close it. While half open, how long the probe may take."""
    quiet_until = models.DateTimeField(null=True)
    """Until then the server asked to be left alone."""
    slowed_at = models.DateTimeField(null=True)
    """When its lane was last narrowed; None: it never had to be."""
    requests_until = models.DateTimeField(null=True)
    """Until then the requests of a minute are spent; used while Redis does not answer."""
    tokens_until = models.DateTimeField(null=True)
    """The same of tokens."""
    changed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.endpoint_id}: {self.circuit}"


class Budget(models.Model):
    """How much may be spent on behalf of a scope: a study, a participant, an endpoint.

    What an open call may cost is reserved before it leaves and settled when it is over. Scopes are
    `study:SLUG`, `participant:ID` and `endpoint:ID`; what stands under `study:SLUG:each` is what
    each participant of the study is given when the first question about them is asked.
    """

    scope = models.CharField(max_length=100, unique=True)
    max_calls = models.PositiveIntegerField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    """Open ones and those that left, whatever came of them."""
    max_cost = models.DecimalField(
        max_digits=18, decimal_places=9, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    reserved = models.DecimalField(max_digits=18, decimal_places=9, default=Decimal(0))
    spent = models.DecimalField(max_digits=18, decimal_places=9, default=Decimal(0))
    overrun = models.DecimalField(max_digits=18, decimal_places=9, default=Decimal(0))
    """What servers charged beyond what could be foreseen and the budget could hold."""
    set_by = models.CharField(max_length=150, blank=True)
    """Who said so last; empty: it is a participant's share."""
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["scope"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_calls__isnull=True) | Q(calls__lte=models.F("max_calls")),
                name="budget_of_calls_holds",
            ),
            models.CheckConstraint(
                condition=Q(max_cost__isnull=True)
                # SQLite adds money as floating point numbers.
                | Q(max_cost__gte=models.F("reserved") + models.F("spent") - LESS_THAN_ANY),
                name="budget_of_cost_holds",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, spent__gte=0, overrun__gte=0),
                name="budget_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.scope


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
        """On its way. Left when an answer comes, by the next claim of its job, or by a sweep."""
        OK = "ok"
        """A usable answer came. Left only if it turns out to be late or invalid."""
        ERROR = "error"
        """No usable answer came; `outcome` says why."""
        UNKNOWN = "unknown"
        """Its worker vanished; it may have been paid. Becomes ok if a captured body is used."""
        LATE = "late"
        """Its answer came when somebody else held the job; it was not used."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="calls", db_index=False)
    job_id = models.UUIDField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField(default=1)
    adopted_by = models.PositiveIntegerField(null=True)
    is_repeat = models.BooleanField(default=False)
    """Whether its job had asked before."""
    reuses = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reused_by")
    """The call whose answer served for this one too; nothing was sent."""
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
    is_reserved = False
    """Whether whoever opened it reserved what it may cost; known to them alone, not kept."""

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
            # The circuit and the budget of repeats look at an endpoint's last minute.
            models.Index(fields=["endpoint", "-started_at"], name="call_by_endpoint"),
            # Those that nobody waits for any more are looked for every half minute.
            models.Index(fields=["started_at"], condition=Q(state="sent"), name="call_open"),
            # The same question is looked for before it is asked.
            models.Index(
                fields=["request_digest"],
                condition=Q(state="ok") & ~Q(request_digest=""),
                name="call_by_question",
            ),
            # The study page sums calls and cost by scope and purpose.
            models.Index(fields=["scope", "purpose", "state"], name="call_by_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.model_asked} ({self.state})"


class Reservation(models.Model):
    """What an open call may cost, held in one budget until the call is over."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="reservations", db_index=False)
    budget = models.ForeignKey(Budget, models.CASCADE, related_name="reservations")
    cost = models.DecimalField(max_digits=18, decimal_places=9)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "budget"], name="reserved_once_per_budget")
        ]

    def __str__(self) -> str:
        return f"{self.cost} of {self.budget_id}"
