"""What has left the building: releases and their files."""

from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.models import Study


class Release(models.Model):
    """A published, immutable, checksummed snapshot of a study."""

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned"
        """Its job has not finished. Left by building or failing."""
        PUBLISHED = "published"
        """Its files are complete and will not change. Final."""
        FAILED = "failed"
        """It could not be built; `failure` says why. Final: the next try is a new release."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="releases")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    seed = models.BigIntegerField(default=0)
    """Draws the splits."""
    manifest = models.JSONField(default=dict, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["study", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="release_versions_once"),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at__isnull=True)),
                name="published_releases_have_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} v{self.version}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return settings.RELEASES_DIR / str(self.study.id) / f"v{self.version}"
