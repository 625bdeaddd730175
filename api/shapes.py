"""The shapes of bodies and answers, for the OpenAPI document."""

from rest_framework import serializers

from annotation.actions.exclusions import LONGEST_REASON
from generation.stages import STAGES
from work.queries import STANDINGS


class RootShape(serializers.Serializer[None]):
    """Where to go on from the API's own address."""

    version = serializers.CharField()
    documentation = serializers.URLField()
    schema = serializers.URLField()
    studies = serializers.URLField()


class NextTaskBody(serializers.Serializer[None]):
    """Which task is wanted."""

    stage = serializers.ChoiceField(choices=["extraction", "relevance", "response"])
    role = serializers.ChoiceField(choices=["owner", "peer", "expert"], default="peer")
    rater = serializers.CharField(required=False, help_text="with a token of scope manage")


class AssignmentShape(serializers.Serializer[None]):
    """A task with everything needed to judge it."""

    assignment = serializers.UUIDField()
    fence = serializers.IntegerField()
    stage = serializers.CharField()
    role = serializers.CharField()
    lease_until = serializers.DateTimeField()
    context = serializers.JSONField()  # type: ignore[assignment]  # a field of the same name
    items = serializers.ListField(child=serializers.JSONField())
    rubric = serializers.JSONField()
    answers_so_far = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField()),
        required=False,
        help_text="of who decides between others: by item, their answers and comments, unnamed",
    )


class JudgmentBody(serializers.Serializer[None]):
    """The answers to one item, in the terms of what was shown."""

    item = serializers.CharField()
    answers = serializers.JSONField()
    seconds = serializers.FloatField(
        required=False, allow_null=True, help_text="in which it had the rater's attention"
    )
    idle_seconds = serializers.FloatField(
        required=False, allow_null=True, help_text="in which it was open without a sign of them"
    )
    pasted = serializers.IntegerField(
        required=False, allow_null=True, help_text="characters from the clipboard"
    )
    comment = serializers.CharField(required=False)
    flag = serializers.CharField(required=False)


class SubmitBody(serializers.Serializer[None]):
    """A task's judgments."""

    fence = serializers.IntegerField()
    judgments = JudgmentBody(many=True)
    key = serializers.CharField(required=False, help_text="the same again: the same answer")
    next = serializers.BooleanField(default=False)


class LessonShape(serializers.Serializer[None]):
    """One question whose right answer is known, in words as the rater's page says them."""

    item = serializers.CharField()
    key = serializers.CharField(help_text="the question's")
    about = serializers.CharField(help_text="the letter or text of what was asked about, or empty")
    question = serializers.CharField()
    said = serializers.CharField()
    right = serializers.CharField()
    is_right = serializers.BooleanField()


class SubmitAnswer(serializers.Serializer[None]):
    """What was stored, what was right where that is told, and what comes next."""

    assignment = serializers.UUIDField()
    judgments = serializers.ListField(child=serializers.CharField())
    feedback = LessonShape(many=True, required=False, help_text="after practice and told gold")
    next = AssignmentShape(required=False, allow_null=True)


class ExclusionBody(serializers.Serializer[None]):
    """Why a rater's judgments are left out of the figures."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class ExclusionShape(ExclusionBody):
    """From when to when, and who decided it."""

    by = serializers.CharField()
    at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="null: left out now")
    ended_by = serializers.CharField()


class AskedShape(serializers.Serializer[None]):
    """How many places were opened for others."""

    opened = serializers.IntegerField(help_text="0: others were asked already")


class LabelShape(serializers.Serializer[None]):
    """How probable each answer is for one item, by two models of raters."""

    question = serializers.CharField(help_text="stage/key")
    item = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    answers = serializers.IntegerField(help_text="that the models saw")
    known = serializers.CharField(allow_null=True, help_text="the right answer of a gold item")
    difficulty = serializers.FloatField(help_text="0 certain, 1 nothing is known")
    dawid_skene = serializers.DictField(child=serializers.FloatField())
    mace = serializers.DictField(child=serializers.FloatField())


class ReleaseBody(serializers.Serializer[None]):
    """A task given back."""

    fence = serializers.IntegerField()
    reason = serializers.CharField(required=False)


class Released(serializers.Serializer[None]):
    """It is free again."""

    assignment = serializers.UUIDField()
    state = serializers.CharField()


class StudyShape(serializers.Serializer[None]):
    """A study."""

    slug = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    stages = serializers.ListField(child=serializers.CharField())


class RunBody(serializers.Serializer[None]):
    """Machine work to plan."""

    kind = serializers.ChoiceField(choices=[*STAGES, "judging"])
    endpoint = serializers.CharField(required=False)
    strategies = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="with kind response"
    )
    stage = serializers.CharField(required=False, help_text="with kind judging")
    judge = serializers.CharField(required=False, help_text="with kind judging")
    start = serializers.BooleanField(
        default=True, help_text="false: plan and price it, and ask nothing yet"
    )


class RetryBody(serializers.Serializer[None]):
    """Which of a run's dead jobs to try again, and why that may help now."""

    reason = serializers.CharField(help_text="what has changed since; kept")
    error = serializers.CharField(required=False, help_text="only jobs given up for this reason")
    job = serializers.UUIDField(required=False, help_text="only this job")


class RunShape(serializers.Serializer[None]):
    """A run and how far it is."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(
        choices=STANDINGS, help_text="held: all that is left waits for a person"
    )
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    plan = serializers.JSONField()
    estimate = serializers.JSONField()
    progress = serializers.JSONField()


class WatchedRunShape(RunShape):
    """The same with rate, time left, money, and what it waits for."""

    per_minute = serializers.IntegerField()
    seconds_left = serializers.IntegerField(allow_null=True)
    spent = serializers.JSONField()
    acts = serializers.ListField(
        child=serializers.JSONField(), help_text="who started, paused, resumed or cancelled it"
    )
    held = serializers.DictField(child=serializers.IntegerField())
    closed = serializers.ListField(child=serializers.JSONField())


class ReleaseShape(serializers.Serializer[None]):
    """A release and its files."""

    id = serializers.UUIDField()
    study = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    failure = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    manifest = serializers.JSONField()


class StoneShape(serializers.Serializer[None]):
    """A row that copies of a withdrawn release must delete."""

    table = serializers.CharField()
    id = serializers.CharField()
    removed = serializers.ChoiceField(choices=["row", "words"])


class Counts(serializers.Serializer[None]):
    """How many lines of each kind an import stored."""

    study = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
