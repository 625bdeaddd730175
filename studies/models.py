"""Who takes part, in what, and what they allowed."""

from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from knox.models import AbstractAuthToken, AuthTokenManager

from studies.refs import RefField


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox is untyped
    """Somebody who signs in: a researcher, an expert, or a participant who wants an account."""


MANAGING = ("owner", "manager")
"""The roles in which a user may change a study."""


class StudyQuerySet(models.QuerySet["Study"]):
    """Studies, by who may see them."""

    def visible_to(self, user: User) -> "StudyQuerySet":
        """Those the user has a role in; what one may not see does not exist."""
        if user.is_superuser:
            return self
        # One membership per user and study, so the join doubles nothing.
        return self.filter(memberships__user_id=user.pk)

    def managed_by(self, user: User) -> "StudyQuerySet":
        """Those the user may change, run machines in and release."""
        if user.is_superuser:
            return self
        return self.filter(memberships__user_id=user.pk, memberships__role__in=MANAGING)


class Study(models.Model):  # type: ignore[django-manager-missing]  # knox is untyped
    """A research project with its protocol, written in one document."""

    class State(models.TextChoices):
        """Whether people may work in it."""

        OPEN = "open"
        """Participants may enter and judge. Left by closing."""
        CLOSED = "closed"
        """Nothing more is asked of anyone; reading and releasing go on."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    ref = RefField()
    document = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When it was closed last; None while it is open. Panel ids go 30 days later."""
    extra = models.JSONField(default=dict, blank=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at__isnull=True)
                | models.Q(state="closed", closed_at__isnull=False),
                name="study_knows_when_it_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def scope(self) -> str:
        """The name under which lower floors file this study's jobs and calls."""
        return f"study:{self.slug}"

    @property
    def languages(self) -> list[str]:
        """The study's languages, its first one being the fallback of every text."""
        return list(self.document.get("languages") or ["en"])

    @property
    def is_open(self) -> bool:
        """May people enter and judge?"""
        return self.state == self.State.OPEN

    def text(self, key: str, language: str = "") -> str:
        """A text of the document in the language asked for, else in the study's own."""
        texts: dict[str, str] = self.document.get(key) or {}
        for candidate in [language, *self.languages]:
            if candidate in texts:
                return texts[candidate]
        return next(iter(texts.values()), "")

    def title(self) -> str:
        """The study's title in its first language, or its slug."""
        return self.text("title") or self.slug


class Membership(models.Model):
    """A user's role in running a study."""

    class Role(models.TextChoices):
        """What the user may do there."""

        OWNER = "owner"
        """Everything, including who else is a member."""
        MANAGER = "manager"
        """Runs, imports, releases; not the members."""
        VIEWER = "viewer"
        """Looks, changes nothing."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="one_role_per_user_and_study")
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.study}"


class ConsentScope(models.TextChoices):
    """One thing a person may allow."""

    TAKE_PART = "take_part"
    """To be asked and to have the answers kept."""
    CONVERSE = "converse"
    """What is written in a live conversation goes to the model one talks to."""
    PEERS = "peers"
    """Other participants may see what was shared."""
    MODELS = "models"
    """Third-party models may be sent what was shared."""
    PUBLISH_WORDS = "publish_words"
    """Releases may hold the words."""
    PUBLISH_RATINGS = "publish_ratings"
    """Releases may hold the ratings."""
    CONTACT = "contact"
    """The researchers may write again."""


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Participants, by what they allowed."""

    def consented(self, scope: str) -> "ParticipantQuerySet":
        """Those whose consent in force covers the scope and who have not left."""
        allowed = Consent.objects.in_force(scope).values("participant")
        return self.filter(pk__in=allowed, left_at__isnull=True)


class Participant(models.Model):
    """A person in a study under a pseudonym; owner, peer or expert by the role they act in."""

    class Outcome(models.TextChoices):
        """How their way through the study ended; a panel has a completion code for each."""

        UNDER_WAY = "under_way"
        """It has not ended."""
        DONE = "done"
        """They did all that was asked."""
        SCREENED_OUT = "screened_out"
        """The study does not look for them, or has enough of them."""
        ATTENTION = "attention"
        """They did not pass the comprehension check."""

    class Basis(models.TextChoices):
        """Where what they allowed was said."""

        PLATFORM = "platform"
        """Here, on the study's consent page."""
        EXTERNAL = "external"
        """Elsewhere, and the study's owner answers for it."""
        NONE = "none"
        """Nobody was asked: invented people, or data with no person behind it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="participants", db_index=False
    )
    ref = RefField()
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="participations"
    )
    traits = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.PLATFORM)
    is_expert = models.BooleanField(default=False)
    outcome = models.CharField(
        max_length=15, choices=Outcome, db_default=Outcome.UNDER_WAY, default=Outcome.UNDER_WAY
    )
    entered_at = models.DateTimeField(db_default=Now(), editable=False)
    left_at = models.DateTimeField(null=True, blank=True)
    """When they left the study; nothing is asked of them or taken from them after."""
    link_number = models.PositiveIntegerField(db_default=0, default=0)
    """Of the link by which they come back without an account; a new one ends those before."""
    extra = models.JSONField(default=dict, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "ref"], name="participant_ref_in_study"),
            models.UniqueConstraint(
                fields=["study", "user"],
                condition=Q(user__isnull=False),
                name="one_participant_per_user_and_study",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents, by what they cover now."""

    def in_force(self, scope: str) -> "ConsentQuerySet":
        """The rows that allow the scope and have not been withdrawn."""
        return self.filter(scope=scope, withdrawn_at__isnull=True)


class Consent(models.Model):
    """One person's yes to one scope of one version of a consent text."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consents")
    scope = models.CharField(max_length=20, choices=ConsentScope)
    version = models.CharField(max_length=40, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            # After a withdrawal one may say yes again; both stay on record.
            models.UniqueConstraint(
                fields=["participant", "scope", "version"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_yes_in_force_per_scope_and_version",
            )
        ]
        indexes = [
            # Every queryset that touches people starts at `.consented(scope)`.
            models.Index(
                fields=["scope", "participant"],
                condition=Q(withdrawn_at__isnull=True),
                name="consent_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.scope} ({self.version})"


class Part(models.Model):
    """One step of a study as one participant took it: the survey, a conversation, judging …"""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="parts", db_index=False
    )
    name = models.CharField(max_length=30)
    """As `studies.parts` names it."""
    attempts = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "name"], name="one_row_per_part")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.participant_id}"


class Payment(models.Model):
    """What a participant is owed, and why."""

    class Kind(models.TextChoices):
        """What it is for."""

        PART = "part"
        """A part of the study that they completed; once per part."""
        BONUS = "bonus"
        """Something beside, with its reason."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="payments")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.SET_NULL, related_name="payments"
    )
    """None after an erasure: that something was paid stays, to whom does not."""
    kind = models.CharField(max_length=10, choices=Kind)
    part = models.CharField(max_length=30, blank=True)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "part"],
                condition=Q(kind="part"),
                name="a_part_is_paid_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.part or self.reason}"


class Concern(models.Model):
    """Something that a person reported to those who run the study."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="concerns")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="concerns"
    )
    text = models.TextField()
    page = models.CharField(max_length=200, blank=True)
    """The address it was reported from, without its query."""
    at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["settled_at", "-at"]

    def __str__(self) -> str:
        return f"{self.study}: {self.text[:60]}"


class ApiTokenManager(AuthTokenManager, models.Manager["ApiToken"]):
    """Makes tokens; the clear text is returned once and never stored."""


class ApiToken(AbstractAuthToken):
    """A program's key to one study, stored as a digest."""

    class Scope(models.TextChoices):
        """What the bearer may do; each includes the one before."""

        READ = "read"
        """Read figures, exports and releases."""
        JUDGE = "judge"
        """Also take and submit tasks as the token's own user."""
        MANAGE = "manage"
        """Also import, run, release, and act for external raters."""

    name = models.CharField(max_length=100, blank=True)
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens"
    )
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.READ)
    last_used_on = models.DateField(null=True, blank=True)

    objects = ApiTokenManager()

    def __str__(self) -> str:
        return f"{self.name or self.token_key} ({self.scope})"

    def allows(self, scope: str) -> bool:
        """Does this token's scope include the one asked for?"""
        order = [choice.value for choice in self.Scope]
        return order.index(scope) <= order.index(self.scope)
