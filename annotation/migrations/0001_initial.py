import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import studies.refs


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("collection", "0001_initial"),
        ("generation", "0001_initial"),
        ("llm", "0001_initial"),
        ("studies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("extraction", "Extraction"),
                            ("relevance", "Relevance"),
                            ("response", "Response"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="generation.attribute",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="collection.conversation",
                    ),
                ),
                (
                    "prompt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="generation.prompt",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items_as_first",
                        to="generation.response",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items_as_second",
                        to="generation.response",
                    ),
                ),
                ("content_digest", models.CharField(max_length=64)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="item_ref_in_study"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("attribute__isnull", False),
                                    ("conversation__isnull", False),
                                    _connector="OR",
                                ),
                                ("first__isnull", True),
                                ("prompt__isnull", True),
                                ("second__isnull", True),
                                ("stage", "extraction"),
                            ),
                            models.Q(
                                ("attribute__isnull", False),
                                ("conversation__isnull", True),
                                ("first__isnull", True),
                                ("prompt__isnull", False),
                                ("second__isnull", True),
                                ("stage", "relevance"),
                            ),
                            models.Q(
                                ("attribute__isnull", True),
                                ("conversation__isnull", True),
                                ("first__isnull", False),
                                ("prompt__isnull", False),
                                ("stage", "response"),
                            ),
                            _connector="OR",
                        ),
                        name="item_refers_to_what_its_stage_judges",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rater",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="raters",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("human", "Human"), ("llm", "Llm"), ("aggregate", "Aggregate")],
                        max_length=10,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="raters",
                        to="studies.participant",
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=120)),
                ("prompt_version", models.CharField(blank=True, max_length=80)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("n", models.PositiveIntegerField(blank=True, null=True)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="rater_ref_in_study"),
                    models.UniqueConstraint(
                        condition=models.Q(("participant__isnull", False)),
                        fields=("participant",),
                        name="one_rater_per_participant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RubricVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rubrics",
                        to="studies.study",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("extraction", "Extraction"),
                            ("relevance", "Relevance"),
                            ("response", "Response"),
                        ],
                        max_length=20,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("document", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "stage", "version"), name="one_rubric_per_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("extraction", "Extraction"),
                            ("relevance", "Relevance"),
                            ("response", "Response"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="studies.participant",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="collection.conversation",
                    ),
                ),
                ("edition", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "prompt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="generation.prompt",
                    ),
                ),
                ("is_implicit", models.BooleanField(default=False)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="task_ref_in_study")
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="studies.study",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="annotation.task",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("extraction", "Extraction"),
                            ("relevance", "Relevance"),
                            ("response", "Response"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("peer", "Peer"),
                            ("expert", "Expert"),
                            ("llm", "Llm"),
                        ],
                        max_length=10,
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="studies.participant",
                    ),
                ),
                ("rank", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("free", "Free"),
                            ("leased", "Leased"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                        ],
                        default="free",
                        max_length=10,
                    ),
                ),
                (
                    "rater",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="annotation.rater",
                    ),
                ),
                ("fence", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("seed", models.BigIntegerField(blank=True, null=True)),
                ("order", models.JSONField(blank=True, default=list)),
                ("is_swapped", models.BooleanField(default=False)),
                ("presentation_digest", models.CharField(blank=True, max_length=64)),
                ("submit_key", models.CharField(blank=True, max_length=80)),
                ("submit_digest", models.CharField(blank=True, max_length=64)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "free")),
                        fields=["study", "stage", "role", "rank"],
                        name="free_places",
                    ),
                    models.Index(
                        condition=models.Q(("role", "owner"), ("state", "free")),
                        fields=["subject", "stage", "rank"],
                        name="free_places_of_owner",
                    ),
                    models.Index(
                        condition=models.Q(("state", "leased")),
                        fields=["study", "stage", "role", "lease_until"],
                        name="leased_places",
                    ),
                    models.Index(fields=["rater", "state"], name="places_of_rater"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "role", "place"), name="place_exists_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("rater__isnull", False)),
                        fields=("task", "rater"),
                        name="one_place_per_rater_and_task",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rater__isnull", True), ("state", "free")),
                            models.Q(
                                models.Q(("state", "free"), _negated=True), ("rater__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="a_free_place_has_no_rater",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("state", "leased")),
                            models.Q(
                                models.Q(("state", "leased"), _negated=True),
                                ("lease_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="only_a_lease_runs_out",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "owner"), ("subject__isnull", False)),
                            models.Q(("role", "owner"), _negated=True),
                            _connector="OR",
                        ),
                        name="owners_judge_their_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Skip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="studies.study",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="annotation.item",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="annotation.task",
                    ),
                ),
                (
                    "rater",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="annotation.rater",
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "task", "rater"), name="skipped_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Judgment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgments",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("extraction", "Extraction"),
                            ("relevance", "Relevance"),
                            ("response", "Response"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgments",
                        to="annotation.item",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgments",
                        to="annotation.task",
                    ),
                ),
                (
                    "rater",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgments",
                        to="annotation.rater",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("peer", "Peer"),
                            ("expert", "Expert"),
                            ("llm", "Llm"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgments",
                        to="annotation.assignment",
                    ),
                ),
                ("rubric_version", models.PositiveIntegerField()),
                ("arm", models.CharField(default="plain", max_length=40)),
                ("is_swapped", models.BooleanField(default=False)),
                ("sample", models.PositiveIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("answers", models.JSONField(blank=True, null=True)),
                ("is_usable", models.BooleanField(default=True)),
                ("raw", models.TextField(blank=True, null=True)),
                ("is_blinded", models.BooleanField(default=True)),
                ("presentation_digest", models.CharField(blank=True, max_length=64)),
                ("comment", models.TextField(blank=True)),
                (
                    "flag",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("uncomfortable", "Uncomfortable"),
                            ("broken", "Broken"),
                            ("personal_data", "Personal Data"),
                        ],
                        max_length=20,
                    ),
                ),
                ("seconds", models.FloatField(blank=True, null=True)),
                ("device", models.CharField(blank=True, max_length=20)),
                (
                    "submitted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="judgments",
                        to="llm.call",
                    ),
                ),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["study", "stage"], name="judgments_of_stage")],
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="judgment_ref_in_study"),
                    models.UniqueConstraint(
                        fields=("item", "task", "rater", "arm", "is_swapped", "sample", "revision"),
                        name="judgment_given_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answers__isnull", False), ("is_usable", True)),
                            models.Q(("answers__isnull", True), ("is_usable", False)),
                            _connector="OR",
                        ),
                        name="unusable_judgments_have_no_answers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seconds__isnull", True), ("seconds__gte", 0), _connector="OR"
                        ),
                        name="seconds_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task_items",
                        to="annotation.task",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task_items",
                        to="annotation.item",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("main", "Main"),
                            ("gold", "Gold"),
                            ("check", "Check"),
                            ("repeat", "Repeat"),
                        ],
                        default="main",
                        max_length=10,
                    ),
                ),
                ("expected", models.JSONField(blank=True, null=True)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "position"), name="one_item_per_position"
                    )
                ],
            },
        ),
    ]
