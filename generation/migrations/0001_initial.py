import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import studies.refs


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("collection", "0001_initial"),
        ("llm", "0001_initial"),
        ("studies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attribute",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attributes",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attributes",
                        to="studies.participant",
                    ),
                ),
                ("text", models.TextField()),
                (
                    "type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("background", "Background"),
                            ("preference", "Preference"),
                            ("skill", "Skill"),
                            ("goal", "Goal"),
                            ("plan", "Plan"),
                            ("relation", "Relation"),
                            ("possession", "Possession"),
                            ("state", "State"),
                            ("constraint", "Constraint"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "explicitness",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "Stated"), ("implied", "Implied")],
                        max_length=10,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        blank=True,
                        choices=[("lasting", "Lasting"), ("for_now", "Now"), ("task", "Task")],
                        max_length=10,
                    ),
                ),
                ("author", models.CharField(max_length=120)),
                ("provenance", models.JSONField(blank=True, default=dict)),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="attributes",
                        to="llm.call",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="corrections",
                        to="generation.attribute",
                    ),
                ),
                ("forgotten_at", models.DateTimeField(blank=True, null=True)),
                ("flags", models.JSONField(blank=True, default=list)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("forgotten_at__isnull", False)),
                        fields=["study"],
                        name="forgotten_attributes",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="attribute_ref_in_study")
                ],
            },
        ),
        migrations.CreateModel(
            name="AttributeLink",
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
                        related_name="attribute_links",
                        to="studies.study",
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="generation.attribute",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="linked",
                        to="generation.attribute",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("duplicate", "Duplicate"),
                            ("superseded", "Superseded"),
                            ("conflict", "Conflict"),
                            ("refined", "Refined"),
                        ],
                        max_length=12,
                    ),
                ),
                ("replaces", models.BooleanField()),
                ("author", models.CharField(max_length=120)),
                ("score", models.FloatField(null=True)),
                ("provenance", models.JSONField(blank=True, default=dict)),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="llm.call",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("attribute", "other", "kind"), name="attributes_linked_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attribute", models.F("other")), _negated=True),
                        name="attribute_linked_to_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("replaces", True), ("kind", "conflict"), _connector="XOR"
                        ),
                        name="a_conflict_replaces_nothing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaces", True)),
                        fields=("attribute",),
                        name="attribute_replaced_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="generation.attribute",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="collection.conversation",
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="collection.turn",
                    ),
                ),
                ("start", models.PositiveIntegerField(blank=True, null=True)),
                ("end", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("end__isnull", True),
                                ("start__isnull", True),
                                ("turn__isnull", True),
                            ),
                            models.Q(
                                ("end__gt", models.F("start")),
                                ("start__isnull", False),
                                ("turn__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="evidence_is_a_span_or_a_conversation",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Profile",
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
                        related_name="profiles",
                        to="studies.study",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profiles",
                        to="studies.participant",
                    ),
                ),
                ("text", models.TextField()),
                ("author", models.CharField(max_length=120)),
                ("content_digest", models.CharField(max_length=64)),
                ("provenance", models.JSONField(blank=True, default=dict)),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="llm.call",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("participant", "author", "content_digest"),
                        name="one_profile_per_content",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Prompt",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prompts",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prompts",
                        to="studies.participant",
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("before", models.JSONField(blank=True, default=list)),
                (
                    "type",
                    models.CharField(
                        blank=True,
                        choices=[("recall", "Recall"), ("infer", "Infer"), ("combine", "Combine")],
                        max_length=10,
                    ),
                ),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="prompt_ref_in_study")
                ],
            },
        ),
        migrations.CreateModel(
            name="Response",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="responses",
                        to="studies.study",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "prompt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="responses",
                        to="generation.prompt",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="responses",
                        to="studies.participant",
                    ),
                ),
                ("strategy", models.CharField(blank=True, max_length=60)),
                ("model", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField(blank=True)),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="responses",
                        to="generation.profile",
                    ),
                ),
                ("provenance", models.JSONField(blank=True, default=dict)),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="responses",
                        to="llm.call",
                    ),
                ),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "ref"), name="response_ref_in_study")
                ],
            },
        ),
        migrations.CreateModel(
            name="GivenAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="given",
                        to="generation.response",
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="given",
                        to="generation.attribute",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("is_mentioned", models.BooleanField(null=True)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("response", "attribute"), name="given_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="GivenTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="given_turns",
                        to="generation.response",
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="given",
                        to="collection.turn",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("response", "turn"), name="turn_given_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Selection",
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
                        related_name="selections",
                        to="studies.study",
                    ),
                ),
                (
                    "prompt",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="selections",
                        to="generation.prompt",
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="selections",
                        to="generation.attribute",
                    ),
                ),
                ("source", models.CharField(max_length=120)),
                ("value", models.BooleanField()),
                ("provenance", models.JSONField(blank=True, default=dict)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("prompt", "attribute", "source"), name="one_selection_per_source"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verifications",
                        to="generation.attribute",
                    ),
                ),
                ("author", models.CharField(max_length=120)),
                ("is_supported", models.BooleanField()),
                ("fault", models.CharField(blank=True, max_length=20)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                ("provenance", models.JSONField(blank=True, default=dict)),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="llm.call",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("attribute", "author"), name="verified_once_by_each"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fault", ""), ("is_supported", True)),
                            models.Q(
                                ("is_supported", False), models.Q(("fault", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="verification_names_the_fault",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dropped_at__isnull", True), ("is_supported", False), _connector="OR"
                        ),
                        name="only_what_is_faulty_is_dropped",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="response",
            name="attributes",
            field=models.ManyToManyField(
                related_name="responses",
                through="generation.GivenAttribute",
                to="generation.attribute",
            ),
        ),
    ]
