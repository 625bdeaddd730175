"""What is judged, and what one rater sees of it on one screen."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotation.choices import Purpose, Stage
from annotation.querysets import ItemQuerySet
from collection.models import Conversation
from generation.models import Attribute, Prompt, Response
from studies.models import Participant, Study
from studies.refs import RefField


class Item(models.Model):
    """One thing judged. What it refers to is append-only, so what it shows cannot change."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="items", db_index=False)
    ref = RefField()
    stage = models.CharField(max_length=20, choices=Stage)
    attribute = models.ForeignKey(
        Attribute, null=True, blank=True, on_delete=models.CASCADE, related_name="items"
    )
    conversation = models.ForeignKey(
        Conversation, null=True, blank=True, on_delete=models.CASCADE, related_name="items"
    )
    prompt = models.ForeignKey(
        Prompt, null=True, blank=True, on_delete=models.CASCADE, related_name="items"
    )
    first = models.ForeignKey(
        Response, null=True, blank=True, on_delete=models.CASCADE, related_name="items_as_first"
    )
    second = models.ForeignKey(
        Response, null=True, blank=True, on_delete=models.CASCADE, related_name="items_as_second"
    )
    content_digest = models.CharField(max_length=64)
    """SHA-256 of what it is about, whoever judges it and however it is shown."""
    extra = models.JSONField(default=dict, blank=True)
    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="item_ref_in_study"),
            models.CheckConstraint(
                name="item_refers_to_what_its_stage_judges",
                condition=Q(
                    # An attribute in the light of its conversation, or what a conversation lacks.
                    Q(attribute__isnull=False) | Q(conversation__isnull=False),
                    stage=Stage.EXTRACTION,
                    prompt__isnull=True,
                    first__isnull=True,
                    second__isnull=True,
                )
                | Q(
                    stage=Stage.RELEVANCE,
                    attribute__isnull=False,
                    prompt__isnull=False,
                    conversation__isnull=True,
                    first__isnull=True,
                    second__isnull=True,
                )
                | Q(
                    stage=Stage.RESPONSE,
                    prompt__isnull=False,
                    first__isnull=False,
                    attribute__isnull=True,
                    conversation__isnull=True,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.ref}"

    @property
    def is_about_what_is_missing(self) -> bool:
        """Is it the once-per-conversation question for attributes that were not found?"""
        return self.stage == Stage.EXTRACTION and self.attribute_id is None


class Task(models.Model):
    """What one rater sees on one screen: a context and the items judged in it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    ref = RefField()
    stage = models.CharField(max_length=20, choices=Stage)
    subject = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    """The person it is about; never given to them as a peer."""
    conversation = models.ForeignKey(
        Conversation, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    edition = models.PositiveIntegerField(null=True, blank=True)
    """The conversation's edition that is shown."""
    prompt = models.ForeignKey(
        Prompt, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    purpose = models.CharField(
        max_length=12, choices=Purpose, default=Purpose.MAIN, db_default=Purpose.MAIN
    )
    """Why it was opened; of an imported task with mixed items: `main`."""
    is_implicit = models.BooleanField(default=False)
    """Made for an imported item that came without a task."""
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "ref"], name="task_ref_in_study")]
        indexes = [
            # What is known, or disputed, among very many tasks that are neither.
            models.Index(
                fields=["study", "stage", "purpose"],
                condition=~Q(purpose="main"),
                name="tasks_beside_main",
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} task {self.ref}"


class TaskItem(models.Model):
    """An item's place in a task, and why it stands there."""

    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, related_name="task_items", db_index=False
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="task_items")
    position = models.PositiveIntegerField()
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.MAIN)
    expected = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="one_item_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.item} in {self.task}"
