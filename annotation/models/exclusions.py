"""Whose answers are left out of the figures, and why."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models.raters import Rater


class Exclusion(models.Model):
    """A researcher's decision to leave a rater's judgments out; they stay, and so does this."""

    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="exclusions")
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When they were taken in again; None while they are left out."""
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rater"], condition=Q(ended_at__isnull=True), name="one_open_exclusion"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_exclusion_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.rater} left out: {self.reason}"

    @property
    def is_open(self) -> bool:
        """Is the rater left out now?"""
        return self.ended_at is None
