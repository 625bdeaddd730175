"""The places of a task, and who holds them."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotation.choices import Purpose, Role, Stage
from annotation.models.raters import Rater
from annotation.models.tasks import Task
from annotation.querysets import AssignmentQuerySet
from studies.models import Participant, Study


class Assignment(models.Model):
    """One of a task's N places for one role, held by a rater until when; fenced."""

    class State(models.TextChoices):
        """Where the place stands."""

        FREE = "free"
        """Nobody holds it. Left by claiming."""
        LEASED = "leased"
        """A rater holds it until `lease_until`; then it may lapse. Left by submitting."""
        DONE = "done"
        """Its judgments are stored. Final."""
        SKIPPED = "skipped"
        """The rater passed; another place was added instead. Final."""
        LAPSED = "lapsed"
        """Its time ran out, or its rater gave it back who had seen too much to be given it again;
        a new place is in its stead. Left by submitting."""
        SURPLUS = "surplus"
        """Answered after it had lapsed: stored and paid, beside the N that are asked for. Final."""

    FILLED = (State.DONE, State.SURPLUS)
    """Answered, and done for its rater."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="assignments")
    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    stage = models.CharField(max_length=20, choices=Stage)
    role = models.CharField(max_length=10, choices=Role)
    place = models.PositiveIntegerField()
    """From 1, within the task and role."""
    subject = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments"
    )
    """The task's subject, repeated here so that claiming reads one table."""
    purpose = models.CharField(
        max_length=12, choices=Purpose, default=Purpose.MAIN, db_default=Purpose.MAIN
    )
    """The task's purpose, repeated here so that counting reads one table."""
    is_added = models.BooleanField(default=False, db_default=False)
    """Was it opened because other answers to its task disagreed? So is what stands in its stead.

    Kept, since the overlap that a study asks for today need not be the one it was opened under.
    """
    instead_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="in_its_stead",
        db_index=False,
    )
    """The answered place of somebody left out, in whose stead this one was opened.

    Where it is skipped or lapses, what is opened then stands in its stead from there on.
    """
    rank = models.BigIntegerField()
    """The order of giving out: earlier places first, tasks shuffled within a place."""
    state = models.CharField(max_length=10, choices=State, default=State.FREE)
    rater = models.ForeignKey(
        Rater,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="assignments",
        db_index=False,
    )
    fence = models.PositiveIntegerField(default=0)
    """Grows with every claim; an answer that carries an older one is refused."""
    lease_until = models.DateTimeField(null=True, blank=True)
    rubric_version = models.PositiveIntegerField(null=True, blank=True)
    """Of the questions that its holder was asked: a later version concerns later places."""
    seed = models.BigIntegerField(null=True, blank=True)
    """Draws the order below; kept so that the drawing can be repeated."""
    order = models.JSONField(default=list, blank=True)
    """Positions of the task's items in the order shown."""
    is_swapped = models.BooleanField(default=False)
    """Was the item's second response shown first?"""
    presentation_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of content, wording, order and side as shown."""
    submit_key = models.CharField(max_length=80, blank=True)
    """The submitter's own name for the submission: the same again is the same submission."""
    submit_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of what was submitted: another text under the same key is refused."""
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "role", "place"], name="place_exists_once"),
            models.UniqueConstraint(
                fields=["task", "rater"],
                condition=Q(rater__isnull=False),
                name="one_place_per_rater_and_task",
            ),
            models.CheckConstraint(
                condition=Q(state="free", rater__isnull=True)
                | (~Q(state="free") & Q(rater__isnull=False)),
                name="a_free_place_has_no_rater",
            ),
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_until__isnull=True)),
                name="only_a_lease_runs_out",
            ),
            models.CheckConstraint(
                condition=Q(role="owner", subject__isnull=False) | ~Q(role="owner"),
                name="owners_judge_their_own",
            ),
            models.CheckConstraint(
                condition=Q(is_added=False) | Q(purpose="main") & ~Q(role="owner"),
                name="places_are_added_to_what_is_decided",
            ),
            models.UniqueConstraint(
                fields=["instead_of"],
                condition=Q(instead_of__isnull=False),
                name="one_place_in_anothers_stead",
            ),
        ]
        indexes = [
            # Claiming the next free place.
            models.Index(
                fields=["study", "stage", "role", "rank"],
                condition=Q(state="free"),
                name="free_places",
            ),
            # An owner's free places, whatever their rank.
            models.Index(
                fields=["subject", "stage", "rank"],
                condition=Q(state="free", role="owner"),
                name="free_places_of_owner",
            ),
            # Claiming places whose lease ran out.
            models.Index(
                fields=["study", "stage", "role", "lease_until"],
                condition=Q(state="leased"),
                name="leased_places",
            ),
            # What was finished since disagreements were last looked for.
            models.Index(
                fields=["study", "stage", "finished_at"],
                condition=Q(state="done"),
                name="finished_places",
            ),
            # What agreement is told without.
            models.Index(
                fields=["study", "stage"], condition=Q(is_added=True), name="added_places"
            ),
            # What a rater holds, and what they have done.
            models.Index(fields=["rater", "state"], name="places_of_rater"),
        ]

    def __str__(self) -> str:
        return f"place {self.place} ({self.role}) of {self.task_id}"
