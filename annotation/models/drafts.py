"""What raters filled in and have not sent."""

from django.db import models
from django.db.models.functions import Now

from annotation.models.assignments import Assignment
from annotation.models.raters import Rater


class Draft(models.Model):
    """A rater's unsent answers to a task: one per place; it goes when the place is left."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="draft")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="drafts")
    fence = models.PositiveIntegerField()
    """The place's when it was kept; under another fence the draft is nobody's."""
    version = models.PositiveIntegerField(default=1)
    """Grows with every change: what was written knowing an older one is refused."""
    fields = models.JSONField(default=dict, blank=True)
    """Name of a field of the task's page → what stands in it."""
    locked = models.JSONField(default=dict, blank=True)
    """Item ref → what was fixed before the rest was shown, in the terms of what was shown."""
    saved_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"draft {self.version} of {self.assignment_id}"
