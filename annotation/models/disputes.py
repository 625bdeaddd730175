"""How far answers were looked through for disagreement."""

from django.db import models

from annotation.choices import Stage
from studies.models import Study


class DisputeMark(models.Model):
    """Until when what was finished at a stage has been looked at for disagreement."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="dispute_marks", db_index=False
    )
    stage = models.CharField(max_length=20, choices=Stage)
    rules = models.CharField(max_length=64)
    """SHA-256 of the rules it was looked at by; others look at everything anew."""
    until = models.DateTimeField()
    seen = models.PositiveIntegerField(default=0)
    """How much of that was finished just before; more of it may become visible afterwards."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "stage"], name="one_dispute_mark_per_stage")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.stage} until {self.until}"
