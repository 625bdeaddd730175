"""What raters answered, and what they passed on."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.choices import Role, Stage
from annotation.models.assignments import Assignment
from annotation.models.raters import Rater
from annotation.models.tasks import Item, Task
from annotation.querysets import JudgmentQuerySet
from llm.models import Call
from studies.models import Study
from studies.refs import RefField


class Judgment(models.Model):
    """A rater's answer to an item. Append-only: a correction is the next revision."""

    class Flag(models.TextChoices):
        """Why a rater points at an item."""

        UNCOMFORTABLE = "uncomfortable"
        """It should not be asked of anyone."""
        BROKEN = "broken"
        """It cannot be judged as shown."""
        PERSONAL_DATA = "personal_data"
        """It shows who somebody is."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="judgments", db_index=False
    )
    ref = RefField()
    stage = models.CharField(max_length=20, choices=Stage)
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="judgments", db_index=False
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="judgments")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="judgments")
    role = models.CharField(max_length=10, choices=Role)
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.CASCADE, related_name="judgments"
    )
    """The place it was given from; a judge has none."""
    rubric_version = models.PositiveIntegerField()
    arm = models.CharField(max_length=40, default="plain")
    is_swapped = models.BooleanField(default=False)
    """Was the item's second response shown first? Answers are in the item's own order anyway."""
    sample = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    answers = models.JSONField(null=True, blank=True)
    """Question key → value, or → {target: value} where asked per response or attribute."""
    is_usable = models.BooleanField(default=True)
    raw = models.TextField(null=True, blank=True)  # noqa: DJ001  null: nothing was kept
    """What a judge said, where no answer could be read from it."""
    is_surplus = models.BooleanField(default=False, db_default=False)
    """Given after the place had lapsed: beside the N that are asked for."""
    is_blinded = models.BooleanField(default=True)
    presentation_digest = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    flag = models.CharField(max_length=20, choices=Flag, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    """In which the page had the rater's attention."""
    idle_seconds = models.FloatField(null=True, blank=True)
    """In which it was open without a sign of them; None where nobody measured."""
    pasted = models.PositiveIntegerField(null=True, blank=True)
    """Characters put in from the clipboard; None where nobody measured."""
    device = models.CharField(max_length=20, blank=True)
    submitted_at = models.DateTimeField(db_default=Now())
    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="judgments"
    )
    extra = models.JSONField(default=dict, blank=True)

    objects = JudgmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="judgment_ref_in_study"),
            # One answer per item, rater, arm, order, sample and revision, for people and models;
            # an item asked again (a repeat) stands in another task.
            models.UniqueConstraint(
                fields=["item", "task", "rater", "arm", "is_swapped", "sample", "revision"],
                name="judgment_given_once",
            ),
            models.CheckConstraint(
                condition=Q(is_usable=True, answers__isnull=False)
                | Q(is_usable=False, answers__isnull=True),
                name="unusable_judgments_have_no_answers",
            ),
            models.CheckConstraint(
                condition=Q(seconds__isnull=True) | Q(seconds__gte=0), name="seconds_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(idle_seconds__isnull=True) | Q(idle_seconds__gte=0),
                name="idle_seconds_not_negative",
            ),
        ]
        indexes = [
            # Figures and exports read one stage of one study.
            models.Index(fields=["study", "stage"], name="judgments_of_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.rater_id} on {self.item_id}"


class Skip(models.Model):
    """A rater's refusal to judge an item, with its reason. Append-only."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="skips")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="skips", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="skips")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="skips")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "task", "rater"], name="skipped_once")
        ]

    def __str__(self) -> str:
        return f"{self.rater_id} skipped {self.item_id}"
