import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("base_url", models.CharField(blank=True, max_length=300)),
                ("model", models.CharField(max_length=200)),
                ("extra_query", models.JSONField(blank=True, default=dict)),
                ("key_name", models.CharField(blank=True, max_length=100)),
                ("sealed_key", models.TextField(blank=True, editable=False)),
                (
                    "key_header",
                    models.CharField(
                        choices=[("bearer", "Bearer"), ("api-key", "Api Key")],
                        default="bearer",
                        max_length=10,
                    ),
                ),
                (
                    "protocol",
                    models.CharField(
                        choices=[
                            ("chat", "Chat"),
                            ("responses", "Responses"),
                            ("embeddings", "Embeddings"),
                            ("baseline", "Baseline"),
                        ],
                        default="chat",
                        max_length=10,
                    ),
                ),
                (
                    "structured",
                    models.CharField(
                        choices=[
                            ("json_schema", "Json Schema"),
                            ("json_object", "Json Object"),
                            ("prompt", "Prompt"),
                        ],
                        default="json_schema",
                        max_length=15,
                    ),
                ),
                (
                    "token_limit_name",
                    models.CharField(
                        choices=[
                            ("max_tokens", "Max Tokens"),
                            ("max_completion_tokens", "Max Completion Tokens"),
                        ],
                        default="max_tokens",
                        max_length=30,
                    ),
                ),
                ("extra_params", models.JSONField(blank=True, default=dict)),
                (
                    "price_prompt",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "price_completion",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "max_output_tokens",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "first_byte_timeout",
                    models.PositiveIntegerField(
                        default=60, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "idle_timeout",
                    models.PositiveIntegerField(
                        default=30, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "timeout",
                    models.PositiveIntegerField(
                        default=90, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "max_concurrency",
                    models.PositiveIntegerField(
                        default=16, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "requests_per_minute",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "tokens_per_minute",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                ("reuse_days", models.PositiveIntegerField(default=30)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("protocol", "baseline"),
                            models.Q(("base_url", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="endpoint_has_an_address",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=100, unique=True)),
                ("max_calls", models.PositiveIntegerField(blank=True, null=True)),
                ("calls", models.PositiveIntegerField(default=0)),
                (
                    "max_cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=9,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "reserved",
                    models.DecimalField(decimal_places=9, default=Decimal("0"), max_digits=18),
                ),
                (
                    "spent",
                    models.DecimalField(decimal_places=9, default=Decimal("0"), max_digits=18),
                ),
                (
                    "overrun",
                    models.DecimalField(decimal_places=9, default=Decimal("0"), max_digits=18),
                ),
                ("set_by", models.CharField(blank=True, max_length=150)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ["scope"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_calls__isnull", True),
                            ("calls__lte", models.F("max_calls")),
                            _connector="OR",
                        ),
                        name="budget_of_calls_holds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_cost__isnull", True),
                            (
                                "max_cost__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("reserved"), "+", models.F("spent")
                                    ),
                                    "-",
                                    models.Value(Decimal("5E-10")),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="budget_of_cost_holds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("overrun__gte", 0), ("reserved__gte", 0), ("spent__gte", 0)
                        ),
                        name="budget_is_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="llm.endpoint",
                    ),
                ),
                ("job_id", models.UUIDField(null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("number", models.PositiveIntegerField(default=1)),
                ("adopted_by", models.PositiveIntegerField(null=True)),
                ("is_repeat", models.BooleanField(default=False)),
                (
                    "reuses",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reused_by",
                        to="llm.call",
                    ),
                ),
                ("scope", models.CharField(max_length=100)),
                ("subject", models.UUIDField(db_index=True, null=True)),
                ("purpose", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("ok", "Ok"),
                            ("error", "Error"),
                            ("unknown", "Unknown"),
                            ("late", "Late"),
                        ],
                        default="sent",
                        max_length=10,
                    ),
                ),
                ("outcome", models.CharField(blank=True, max_length=40)),
                ("flags", models.JSONField(default=list)),
                ("model_asked", models.CharField(max_length=200)),
                ("model_answered", models.CharField(blank=True, max_length=200)),
                ("prompt_version", models.CharField(max_length=100)),
                ("request_digest", models.CharField(blank=True, max_length=64)),
                ("params", models.JSONField(default=dict)),
                ("http_status", models.PositiveIntegerField(null=True)),
                ("provider_request_id", models.CharField(blank=True, max_length=200)),
                ("raw_response", models.TextField(blank=True)),
                ("prompt_tokens", models.PositiveIntegerField(null=True)),
                ("completion_tokens", models.PositiveIntegerField(null=True)),
                ("cost", models.DecimalField(decimal_places=9, max_digits=18, null=True)),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("latency_ms", models.PositiveIntegerField(null=True)),
            ],
            options={
                "ordering": ["started_at", "id"],
                "indexes": [
                    models.Index(fields=["endpoint", "-started_at"], name="call_by_endpoint"),
                    models.Index(
                        condition=models.Q(("state", "sent")),
                        fields=["started_at"],
                        name="call_open",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state", "ok"), models.Q(("request_digest", ""), _negated=True)
                        ),
                        fields=["request_digest"],
                        name="call_by_question",
                    ),
                    models.Index(fields=["scope", "purpose", "state"], name="call_by_scope"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("job_id__isnull", False)),
                        fields=("job_id", "attempt", "number"),
                        name="call_number_unique_per_attempt",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("job_id__isnull", False), ("state", "sent")),
                        fields=("job_id",),
                        name="call_open_at_most_one_per_job",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="llm.call",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="llm.budget",
                    ),
                ),
                ("cost", models.DecimalField(decimal_places=9, max_digits=18)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("call", "budget"), name="reserved_once_per_budget"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EndpointHealth",
            fields=[
                (
                    "endpoint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="health",
                        serialize=False,
                        to="llm.endpoint",
                    ),
                ),
                (
                    "circuit",
                    models.CharField(
                        choices=[
                            ("closed", "Closed"),
                            ("open", "Open"),
                            ("half_open", "Half Open"),
                        ],
                        default="closed",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("trips", models.PositiveIntegerField(default=0)),
                ("open_until", models.DateTimeField(null=True)),
                ("quiet_until", models.DateTimeField(null=True)),
                ("slowed_at", models.DateTimeField(null=True)),
                ("requests_until", models.DateTimeField(null=True)),
                ("tokens_until", models.DateTimeField(null=True)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
    ]
