"""What was counted of studies that are too large to be counted at every visit."""

from django.db import models

from studies.models import Study


class Tally(models.Model):
    """A large study's figures, as they were counted last; small ones have none."""

    study = models.OneToOneField(
        Study, on_delete=models.CASCADE, primary_key=True, related_name="tally"
    )
    counts = models.JSONField(default=dict)
    """As `annotation.counting.counts_of` gives them."""
    counted_at = models.DateTimeField()
    """When counting began: what happened later may not be in it."""
    seconds_apart = models.PositiveIntegerField()
    """Until it is counted anew; grows while nothing changes."""
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.study_id}, counted at {self.counted_at}"
