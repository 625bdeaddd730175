"""What raters decide: rubrics, items, tasks, places, judgments of people and models."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.choices import Role, Stage
from annotation.querysets import AssignmentQuerySet, ItemQuerySet, JudgmentQuerySet
from collection.models import Conversation
from generation.models import Attribute, Prompt, Response
from llm.models import Call
from studies.models import Participant, Study
from studies.refs import RefField


class RubricVersion(models.Model):
    """What raters of one stage are asked, frozen: a change is a new version."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="rubrics")
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
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="raters")
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


class Item(models.Model):
    """One thing judged. What it refers to is append-only, so what it shows cannot change."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="items")
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
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="tasks")
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
    is_implicit = models.BooleanField(default=False)
    """Made for an imported item that came without a task."""
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "ref"], name="task_ref_in_study")]

    def __str__(self) -> str:
        return f"{self.stage} task {self.ref}"


class TaskItem(models.Model):
    """An item's place in a task, and why it stands there."""

    class Purpose(models.TextChoices):
        """Exactly N judgments per role are promised for `main`; the others are beside it."""

        MAIN = "main"
        """To be decided."""
        GOLD = "gold"
        """The right answer is known."""
        CHECK = "check"
        """An attention check."""
        REPEAT = "repeat"
        """Asked again of the same rater, for self-consistency."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="task_items")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="task_items")
    position = models.PositiveIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.MAIN)
    expected = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="one_item_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.item} in {self.task}"


class Assignment(models.Model):
    """One of a task's N places for one role, held by a rater until when; fenced."""

    class State(models.TextChoices):
        """Where the place stands."""

        FREE = "free"
        """Nobody holds it. Left by claiming."""
        LEASED = "leased"
        """A rater holds it until `lease_until`; then anyone may claim it. Left by submitting."""
        DONE = "done"
        """Its judgments are stored. Final."""
        SKIPPED = "skipped"
        """The rater passed; another place was added instead. Final."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="assignments")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments")
    stage = models.CharField(max_length=20, choices=Stage)
    role = models.CharField(max_length=10, choices=Role)
    place = models.PositiveIntegerField()
    """From 1, within the task and role."""
    subject = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments"
    )
    """The task's subject, repeated here so that claiming reads one table."""
    rank = models.BigIntegerField()
    """The order of giving out: earlier places first, tasks shuffled within a place."""
    state = models.CharField(max_length=10, choices=State, default=State.FREE)
    rater = models.ForeignKey(
        Rater, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments"
    )
    fence = models.PositiveIntegerField(default=0)
    """Grows with every claim; an answer that carries an older one is refused."""
    lease_until = models.DateTimeField(null=True, blank=True)
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
            # What a rater holds, and what they have done.
            models.Index(fields=["rater", "state"], name="places_of_rater"),
        ]

    def __str__(self) -> str:
        return f"place {self.place} ({self.role}) of {self.task_id}"


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
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="judgments")
    ref = RefField()
    stage = models.CharField(max_length=20, choices=Stage)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="judgments")
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
    is_blinded = models.BooleanField(default=True)
    presentation_digest = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    flag = models.CharField(max_length=20, choices=Flag, blank=True)
    seconds = models.FloatField(null=True, blank=True)
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
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="skips")
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
