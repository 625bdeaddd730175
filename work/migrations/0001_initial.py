import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WorkerHeartbeat",
            fields=[
                ("owner", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("limit", models.PositiveIntegerField(null=True)),
                ("closed_until", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("limit", 0), _negated=True),
                        name="lane_lets_somebody_in",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="lane_has_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("scope", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=200)),
                ("plan", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("estimate", models.JSONField(blank=True, default=dict)),
                ("created_by", models.CharField(blank=True, max_length=150)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("started_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [models.Index(fields=["scope", "created_at"], name="run_by_scope")],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to="work.run",
                    ),
                ),
                ("scope", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=60)),
                ("idem_key", models.CharField(max_length=64, unique=True)),
                ("input_digest", models.CharField(max_length=64)),
                ("payload", models.JSONField(default=dict)),
                ("subject", models.UUIDField(db_index=True, null=True)),
                ("lane", models.CharField(blank=True, max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ready", "Ready"),
                            ("leased", "Leased"),
                            ("done", "Done"),
                            ("dead", "Dead"),
                            ("cancelled", "Cancelled"),
                            ("held", "Held"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("priority", models.SmallIntegerField(default=5)),
                ("rank", models.BigIntegerField(default=0)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("forgiven", models.PositiveIntegerField(default=0)),
                ("max_attempts", models.PositiveIntegerField(default=8)),
                (
                    "run_after",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("give_up_at", models.DateTimeField(null=True)),
                ("lease_owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ready")),
                        fields=["priority", "rank", "id", "lane"],
                        name="job_ready",
                    ),
                    models.Index(
                        condition=models.Q(("state", "leased")),
                        fields=["lease_until"],
                        name="job_leased",
                    ),
                    models.Index(
                        condition=models.Q(("state", "leased")),
                        fields=["lane", "lease_until"],
                        name="job_in_lane",
                    ),
                    models.Index(
                        condition=models.Q(("state", "ready")),
                        fields=["scope", "priority", "rank"],
                        name="job_ready_of_scope",
                    ),
                    models.Index(fields=["scope", "kind", "state"], name="job_by_scope"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("state", "leased")),
                            models.Q(
                                models.Q(("state", "leased"), _negated=True),
                                ("lease_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="job_is_leased_until_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("forgiven__lte", models.F("attempt"))),
                        name="job_forgives_only_what_was_tried",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobResult",
            fields=[
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="result",
                        serialize=False,
                        to="work.job",
                    ),
                ),
                ("attempt", models.PositiveIntegerField()),
                ("outcome", models.CharField(max_length=60)),
                ("value", models.JSONField(null=True)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Revival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revivals",
                        to="work.job",
                    ),
                ),
                ("by", models.CharField(max_length=150)),
                ("reason", models.CharField(max_length=500)),
                ("attempt", models.PositiveIntegerField()),
                ("error", models.CharField(blank=True, max_length=500)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RunAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acts",
                        to="work.run",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("by", models.CharField(max_length=150)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "at"), name="tick_happens_once")
                ],
            },
        ),
    ]
