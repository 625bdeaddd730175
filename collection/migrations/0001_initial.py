import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import studies.refs


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("llm", "0001_initial"),
        ("studies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
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
                        related_name="conversations",
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
                        related_name="conversations",
                        to="studies.participant",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("live", "Live"),
                            ("donated", "Donated"),
                            ("imported", "Imported"),
                        ],
                        max_length=10,
                    ),
                ),
                ("model_names", models.JSONField(blank=True, default=list)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("shared_at", models.DateTimeField(blank=True, null=True)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "ref"), name="conversation_ref_in_study"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Donation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="donations",
                        to="studies.participant",
                    ),
                ),
                ("format", models.CharField(max_length=20)),
                ("size", models.PositiveBigIntegerField()),
                ("found", models.PositiveIntegerField()),
                ("given", models.JSONField(blank=True, default=dict)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("emptied_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("emptied_at__isnull", True)),
                        fields=("participant",),
                        name="one_waiting_donation_per_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="collection.conversation",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("edition", models.PositiveIntegerField(default=1)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("user", "User"),
                            ("assistant", "Assistant"),
                            ("system", "System"),
                            ("tool", "Tool"),
                        ],
                        max_length=10,
                    ),
                ),
                ("content", models.TextField(blank=True)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["position", "edition"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "position", "edition"), name="one_turn_per_edition"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("edition__gte", 1)), name="turn_editions_from_1"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnsharedConversation",
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
                        related_name="+",
                        to="studies.study",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unshared_conversations",
                        to="studies.participant",
                    ),
                ),
                ("ref", studies.refs.RefField(default=studies.refs.new_ref, max_length=200)),
                (
                    "source",
                    models.CharField(
                        choices=[("live", "Live"), ("donated", "Donated")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("finished", "Finished")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="conversations",
                        to="collection.donation",
                    ),
                ),
                ("origin", models.CharField(blank=True, max_length=64)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("topic", models.CharField(blank=True, max_length=60)),
                ("system_prompt", models.CharField(blank=True, max_length=60)),
                ("endpoints", models.JSONField(blank=True, default=list)),
                ("seed", models.BigIntegerField(blank=True, null=True)),
                ("began_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("extra", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("origin", ""), _negated=True),
                        fields=("participant", "origin"),
                        name="one_gift_of_a_conversation",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnsharedTurn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="collection.unsharedconversation",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("place", models.PositiveIntegerField(default=0)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("user", "User"),
                            ("assistant", "Assistant"),
                            ("system", "System"),
                            ("tool", "Tool"),
                        ],
                        max_length=10,
                    ),
                ),
                ("content", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("streaming", "Streaming"),
                            ("whole", "Whole"),
                            ("stopped", "Stopped"),
                            ("cut", "Cut"),
                        ],
                        default="whole",
                        max_length=10,
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="llm.endpoint",
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=200)),
                ("job", models.UUIDField(blank=True, null=True)),
                ("is_chosen", models.BooleanField(default=True)),
                ("awaits_reply", models.BooleanField(default=False)),
                ("wants_stop", models.BooleanField(default=False)),
                ("seen", models.PositiveIntegerField(blank=True, null=True)),
                ("rating", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("send_key", models.CharField(blank=True, max_length=80)),
                ("is_removed", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["position", "place"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "streaming"])),
                        fields=["state"],
                        name="replies_under_way",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "position", "place"), name="one_utterance_per_place"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("send_key", ""), _negated=True),
                        fields=("conversation", "send_key"),
                        name="a_turn_is_sent_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("awaits_reply", True)),
                        fields=("conversation",),
                        name="one_open_turn_per_conversation",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_chosen", True)),
                        fields=("conversation", "position"),
                        name="one_chosen_reply_per_position",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplyEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="collection.unsharedturn",
                    ),
                ),
                ("sequence", models.PositiveIntegerField()),
                ("text", models.TextField()),
            ],
            options={
                "ordering": ["sequence"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("turn", "sequence"), name="reply_events_in_sequence"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "turn",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redactions",
                        to="collection.unsharedturn",
                    ),
                ),
                ("start", models.PositiveIntegerField()),
                ("end", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=20)),
                (
                    "origin",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("owner", "Owner")], max_length=10
                    ),
                ),
                ("is_lifted", models.BooleanField(default=False)),
                ("replacement", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["start"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("turn", "start", "end"), name="one_redaction_per_span"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end__gt", models.F("start"))),
                        name="redaction_is_a_span",
                    ),
                ],
            },
        ),
    ]
