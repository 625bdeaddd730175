"""Who judges, and what they are asked."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotation.choices import Stage
from studies.models import Participant, Study
from studies.refs import RefField


class RubricVersion(models.Model):
    """What raters of one stage are asked, frozen: a change is a new version."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="rubrics", db_index=False
    )
    stage = models.CharField(max_length=20, choices=Stage)
    version = models.PositiveIntegerField()
    document = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "stage", "version"], name="one_rubric_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.study} {self.stage} v{self.version}"


class Rater(models.Model):
    """Who judges: a person, or a model with its prompt version and parameters."""

    class Kind(models.TextChoices):
        """What stands behind the name."""

        HUMAN = "human"
        """One person."""
        LLM = "llm"
        """One model with one prompt and one set of parameters."""
        AGGREGATE = "aggregate"
        """The published mean or vote of `n` raters; a reference, never half of a pair."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="raters", db_index=False
    )
    ref = RefField()
    kind = models.CharField(max_length=10, choices=Kind)
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="raters"
    )
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    n = models.PositiveIntegerField(null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="rater_ref_in_study"),
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(participant__isnull=False),
                name="one_rater_per_participant",
            ),
        ]

    def __str__(self) -> str:
        return self.ref
