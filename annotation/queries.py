"""What has been judged so far, by whom, and how far they agree."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from annotation.agreement.answers import Answer, PolicyRefused, Question
from annotation.choices import Purpose, Stage
from annotation.models import Assignment, Judgment, Rater, RubricVersion, TaskItem
from annotation.rubric_versions import rubric_at, rubric_of
from annotation.rubrics.document import Question as RubricQuestion
from annotation.rubrics.document import Rubric
from annotation.rubrics.statistic import measurement
from studies.models import Study

LONGEST_QUEUE_COUNTED = 1_000
CHUNK = 5_000
MAIN = Purpose.MAIN


def agreement(*, study: Study, stage: str, question: str = "", **options: Any) -> dict[str, Any]:
    """The agreement document of one question of one stage.

    Without a key it is the stage's first measured question. `options` are those of
    `agreement_document`. Raises ValidationError with a sentence.
    """
    # Needs numpy, which most processes never do.
    from annotation.agreement.document import agreement_document

    rubric = rubric_in_force(study, stage)
    asked = question_of(rubric, question)
    versions = comparable_versions(study, stage, asked)
    try:
        document = agreement_document(
            study=study.slug,
            stage=stage,
            question=question_measured(asked),
            answers=answers_to(study, stage, asked.key, versions),
            **options,
        )
    except PolicyRefused as refusal:
        raise ValidationError(str(refusal)) from refusal
    document["rubric_versions"] = versions
    document["undefined"] += _left_out(study, stage, versions)
    return document


def comparable_versions(study: Study, stage: str, asked: RubricQuestion) -> list[int]:
    """The versions of the stage's rubric that ask the question on the same scale.

    Wordings may differ; answers given on another scale cannot be counted with these.
    """
    scale = measurement(asked)
    rows = RubricVersion.objects.filter(study=study, stage=stage).order_by("version")
    return [
        version
        for version in rows.values_list("version", flat=True)
        if any(
            measurement(question) == scale
            for question in rubric_at(study.id, stage, version).questions
        )
    ]


def _left_out(study: Study, stage: str, versions: list[int]) -> list[dict[str, str]]:
    """Answers under other versions are told, not mixed in."""
    others = RubricVersion.objects.filter(study=study, stage=stage).exclude(version__in=versions)
    given = Judgment.objects.filter(
        study=study, stage=stage, rubric_version__in=others.values("version")
    )
    count = given.exclude(item__attribute=None, stage=Stage.EXTRACTION).count()
    if not count:
        return []
    numbers = ", ".join(str(version) for version in others.values_list("version", flat=True))
    reason = f"{count} judgments answered the question on another scale"
    return [{"figure": f"answers under rubric version {numbers}", "reason": reason}]


def rubric_in_force(study: Study, stage: str) -> Rubric:
    """The stage's rubric; raises ValidationError where the study has no such stage."""
    if stage not in (study.document.get("stages") or {}):
        stages = ", ".join(study.document.get("stages") or {}) or "none"
        raise ValidationError(f"The study {study} has no stage “{stage}”; it has: {stages}.")
    return rubric_of(study, stage)


def measured_questions(rubric: Rubric) -> list[RubricQuestion]:
    """Those whose answers can be compared, in the rubric's order."""
    return [question for question in rubric.questions if question.scale]


def question_of(rubric: Rubric, key: str = "") -> RubricQuestion:
    """The measured question of that key, or the first one."""
    measured = {question.key: question for question in measured_questions(rubric)}
    if not key and measured:
        return next(iter(measured.values()))
    if key not in measured:
        raise ValidationError(f"No measured question “{key}”; there is: {', '.join(measured)}.")
    return measured[key]


def question_measured(question: RubricQuestion) -> Question:
    """A rubric's question as the agreement figures need it."""
    facts = measurement(question)
    if facts.scale is None:
        raise ValidationError(f"“{question.key}” has no scale; its answers are read, not counted.")
    return Question(
        key=question.key,
        scale=facts.scale,
        values=facts.values,
        positive=frozenset(facts.positive),
        off_scale=frozenset(facts.off_scale),
        mirror={value: facts.mirror[str(value)] for value in facts.mirror},
        favours={option.value: option.favours for option in question.options if option.favours},
    )


ANSWER_COLUMNS = (
    "item__ref",
    "rater__ref",
    "role",
    "rater__kind",
    "answers",
    "is_usable",
    "arm",
    "is_swapped",
    "sample",
    "revision",
)


def answers_to(study: Study, stage: str, key: str, versions: list[int]) -> Iterator[Answer]:
    """Every answer to one question under these rubric versions, one per target where it has some.

    Gold, checks and repeats are not counted: they measure the rater, not the item.
    """
    rows = Judgment.objects.filter(study=study, stage=stage, rubric_version__in=versions)
    if TaskItem.objects.filter(task__study=study).exclude(purpose=MAIN).exists():
        main = TaskItem.objects.filter(task=OuterRef("task"), item=OuterRef("item"), purpose=MAIN)
        rows = rows.filter(Exists(main))
    for (
        item,
        rater,
        role,
        kind,
        answers,
        usable,
        arm,
        swapped,
        sample,
        revision,
    ) in rows.values_list(*ANSWER_COLUMNS).iterator(chunk_size=CHUNK):
        for unit, value in _units(item, (answers or {}).get(key)):
            yield Answer(
                unit=unit,
                rater=rater,
                role=role,
                kind=kind,
                value=value,
                usable=usable,
                arm=arm,
                swapped=swapped,
                sample=sample,
                revision=revision,
            )


def _units(item: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for target, answer in value.items():
            yield f"{item}/{target}", answer
    else:
        yield item, value


def waiting_for(*, study: Study, stage: str, rater: Rater, role: str) -> int:
    """How many tasks the rater could still take; `LONGEST_QUEUE_COUNTED` stands for many.

    A task with several free places is one, since nobody holds two places of a task. No more places
    than that are looked at, so that the cost does not grow with the study.
    """
    free = Assignment.objects.filter(
        study=study, stage=stage, role=role, state=Assignment.State.FREE
    )
    places = free.eligible_for(rater, role).values_list("task_id", flat=True)
    tasks = list(places[:LONGEST_QUEUE_COUNTED])
    return LONGEST_QUEUE_COUNTED if len(tasks) == LONGEST_QUEUE_COUNTED else len(set(tasks))


def done_by(*, study: Study, stage: str, rater: Rater) -> int:
    """How many tasks of a stage the rater has finished."""
    return Assignment.objects.filter(
        study=study, stage=stage, rater=rater, state=Assignment.State.DONE
    ).count()
