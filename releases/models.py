"""What has left the building: releases and their files."""

from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

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
        WITHDRAWN = "withdrawn"
        """Somebody in it was erased: its files are gone, its tombstones say which rows. Final."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="releases", db_index=False
    )
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
                condition=Q(state__in=["published", "withdrawn"], published_at__isnull=False)
                | (~Q(state__in=["published", "withdrawn"]) & Q(published_at__isnull=True)),
                name="published_releases_have_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} v{self.version}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return settings.RELEASES_DIR / str(self.study.id) / f"v{self.version}"


class Tombstone(models.Model):
    """A row that a release held and that must be deleted wherever the release was copied to."""

    class Removed(models.TextChoices):
        """How much of it."""

        ROW = "row"
        """The whole row."""
        WORDS = "words"
        """The words in it; its ids and figures stayed."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="tombstones", db_index=False
    )
    kind = models.CharField(max_length=20)
    """The table it stood in."""
    ref = models.CharField(max_length=200)
    removed = models.CharField(
        max_length=10, choices=Removed, db_default=Removed.ROW, default=Removed.ROW
    )
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["kind", "ref"]
        constraints = [
            models.UniqueConstraint(fields=["release", "kind", "ref"], name="one_stone_per_row")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Erasure(models.Model):
    """A person's request to be erased, and how far it is; it names nobody once it is done."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="erasures")
    subject = models.UUIDField(null=True, blank=True)
    """The participant's id while there is something left to erase."""
    receipt = models.CharField(max_length=20, unique=True)
    """What the person keeps to ask about it."""
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    """Rows erased, by kind."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(subject__isnull=True),
                name="a_finished_erasure_names_nobody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.study}: {self.receipt}"
