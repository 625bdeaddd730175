"""Jobs, their results, and the traces of who worked on them and when."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Lane(models.Model):
    """What a job needs and many share, such as an endpoint: how many may be held at once, and when.

    Every lane that a job names has a row; jobs that name none run free of it.
    """

    name = models.CharField(max_length=100, primary_key=True)
    limit = models.PositiveIntegerField(null=True)
    """Of jobs held at once by all workers together; None: as many as there are workers."""
    closed_until = models.DateTimeField(null=True)
    """Until then nobody claims a job of the lane."""
    reason = models.CharField(max_length=200, blank=True)
    """Why it is closed."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(limit=0), name="lane_lets_somebody_in"),
            models.CheckConstraint(condition=~Q(name=""), name="lane_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """A frozen plan of machine work; its progress is the state of its jobs.

    What it still has to do is what is planned minus what exists: its jobs are the plan, and each
    is done when its result is there.
    """

    class State(models.TextChoices):
        """Whether its jobs may be claimed."""

        PLANNED = "planned"
        """Its price can be looked at; its jobs are held. Left by starting or cancelling."""
        RUNNING = "running"
        """Its jobs are done as workers come to them. Left by pausing or cancelling."""
        PAUSED = "paused"
        """Jobs in hand are completed, the others held. Left by resuming or cancelling."""
        CANCELLED = "cancelled"
        """What was not done will not be. Never left; the same work can be planned again."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    plan = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    estimate = models.JSONField(default=dict, blank=True)
    """What it was expected to take before it started; empty: nobody looked."""
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    """When it was first let go."""

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            # The study page lists its runs, oldest first.
            models.Index(fields=["scope", "created_at"], name="run_by_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.title}"


class RunAct(models.Model):
    """Somebody let a run go, held it or gave it up; never changed."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="acts")
    state = models.CharField(max_length=10, choices=Run.State)
    """Into which they brought it."""
    by = models.CharField(max_length=150)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.run_id} {self.state} by {self.by}"


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, by what may be done with them now. Times are compared by the database's clock."""

    def due(self) -> "JobQuerySet":
        """Waiting, and their time has come."""
        return self.filter(state=Job.State.READY, run_after__lte=Now())

    def expired(self) -> "JobQuerySet":
        """Held by a worker that did not come back before its lease ended."""
        return self.filter(state=Job.State.LEASED, lease_until__lt=Now())

    def claimable(self) -> "JobQuerySet":
        """Due or expired: what a worker may take."""
        due = Q(state=Job.State.READY, run_after__lte=Now())
        return self.filter(due | Q(state=Job.State.LEASED, lease_until__lt=Now()))

    def unfinished(self) -> "JobQuerySet":
        """Those on which something will still happen without anybody's help; held ones are not."""
        return self.filter(state__in=[Job.State.READY, Job.State.LEASED])

    def of_kinds(self, kinds: list[str] | None) -> "JobQuerySet":
        """Those of the kinds named, or all."""
        return self if kinds is None else self.filter(kind__in=kinds)

    def of_subject(self, subject: UUID) -> "JobQuerySet":
        """Those about one participant."""
        return self.filter(subject=subject)


class Job(models.Model):
    """A piece of machine work that must happen exactly once as a result.

    `attempt` is the fence: it grows with every claim, and only the holder of the latest attempt
    may finish. `payload` and results hold ids and counts, never text of a person.
    """

    class State(models.TextChoices):
        """Where a job stands."""

        READY = "ready"
        """Waits for `run_after`. Left by a claim, or by cancelling."""
        LEASED = "leased"
        """A worker holds it until `lease_until`. Left by finishing, failing, or a new claim."""
        DONE = "done"
        """Finished; has exactly one result. Never left."""
        DEAD = "dead"
        """Given up; `last_error` says why. Left only when a person revives or cancels it."""
        CANCELLED = "cancelled"
        """Nobody wants its result any more. Left only by planning the same work again."""
        HELD = "held"
        """Waits for a person: its run is not started or paused, or `last_error` says for what."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="jobs")
    scope = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    idem_key = models.CharField(max_length=64, unique=True)
    input_digest = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    subject = models.UUIDField(null=True, db_index=True)
    lane = models.CharField(max_length=100, blank=True)
    """The name of the `Lane` that it needs; empty: none."""
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    priority = models.SmallIntegerField(default=5)
    rank = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    forgiven = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=8)
    run_after = models.DateTimeField(db_default=Now())
    give_up_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state="leased", lease_until__isnull=False)
                    | (~Q(state="leased") & Q(lease_until__isnull=True))
                ),
                name="job_is_leased_until_a_time",
            ),
            models.CheckConstraint(
                condition=Q(forgiven__lte=F("attempt")), name="job_forgives_only_what_was_tried"
            ),
        ]
        indexes = [
            # A claim takes the first that is due; the lane is there to be passed over quickly.
            models.Index(
                fields=["priority", "rank", "id", "lane"],
                condition=Q(state="ready"),
                name="job_ready",
            ),
            # A claim first takes those whose worker vanished.
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="job_leased"),
            # A claim counts who is in a lane.
            models.Index(
                fields=["lane", "lease_until"], condition=Q(state="leased"), name="job_in_lane"
            ),
            # Enqueuing puts a scope's new jobs behind its own waiting ones.
            models.Index(
                fields=["scope", "priority", "rank"],
                condition=Q(state="ready"),
                name="job_ready_of_scope",
            ),
            # The study page counts jobs by scope, kind and state.
            models.Index(fields=["scope", "kind", "state"], name="job_by_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"

    @property
    def tries(self) -> int:
        """How many attempts are held against it."""
        return self.attempt - self.forgiven


class JobResult(models.Model):
    """What came out of a job: one row per done job, never changed."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="result")
    attempt = models.PositiveIntegerField()
    outcome = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.job_id}: {self.outcome}"


class Revival(models.Model):
    """A person gave a dead job another chance, and why; never changed."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="revivals")
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)
    attempt = models.PositiveIntegerField()
    error = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.job_id} revived by {self.by}"


class WorkerHeartbeat(models.Model):
    """The last time a worker or sweeper process showed that it is alive."""

    LIVING = timedelta(seconds=60)

    owner = models.CharField(max_length=120, primary_key=True)
    role = models.CharField(max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.owner} at {self.at:%H:%M:%S}"


class Tick(models.Model):
    """A moment at which a periodic act was done; the unique key makes it happen once."""

    name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "at"], name="tick_happens_once")]

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
