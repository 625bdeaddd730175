"""What has been judged so far, by whom, and how far they agree."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from annotation import candidates
from annotation.agreement.answers import Answer, PolicyRefused, Question
from annotation.choices import Role, Stage
from annotation.given_answers import GivenAnswers
from annotation.models import Assignment, Judgment, Rater, RubricVersion
from annotation.rubric_versions import rubric_at, rubric_of
from annotation.rubrics.document import Question as RubricQuestion
from annotation.rubrics.document import Rubric
from annotation.rubrics.statistic import measurement
from studies.models import Study

if TYPE_CHECKING:  # needs numpy, which most processes never do
    from annotation.agreement.crossed import Crossed
    from annotation.agreement.units import UnitFacts

LONGEST_QUEUE_COUNTED = candidates.LONGEST_QUEUE
OPTIONS = ("question", "unusable", "reference", "orders", "samples", "raters", "surplus", "by")
"""What may be chosen of an agreement document, by command, API and page alike."""


def agreement(
    *,
    study: Study,
    stage: str,
    question: str = "",
    raters: str = "all",
    surplus: str = "leave_out",
    by: str = "",
    **options: Any,
) -> dict[str, Any]:
    """The agreement document of one question of one stage.

    Without a key it is the stage's first measured question. `raters`: all, or without_excluded;
    `surplus` judgments, beside the number asked for: leave_out or count; `by`: a choice of the
    survey, whose groups get figures of their own. The other options are those of
    `agreement_document`. Raises ValidationError with a sentence.
    """
    asked = question_of(rubric_in_force(study, stage), question)
    material = material_of(study, stage, raters=raters, surplus=surplus)
    return material.document(asked, by=by, **options)


def material_of(
    study: Study, stage: str, *, raters: str = "all", surplus: str = "leave_out"
) -> "Material":
    """What all documents of a stage are made from; seven queries."""
    from annotation.judged_units import judged_units

    given = GivenAnswers(study, stage, raters=raters, surplus=surplus)
    return Material(study, stage, given, judged_units(study, stage))


@dataclass(frozen=True)
class Material:
    """What was answered at a stage, and what that is about."""

    study: Study
    stage: str
    given: GivenAnswers
    facts: "dict[str, UnitFacts]"

    def document(self, asked: RubricQuestion, *, by: str = "", **options: Any) -> dict[str, Any]:
        """The agreement document of one question."""
        versions = comparable_versions(self.study, self.stage, asked)
        answers = list(self.given.to(asked.key, versions))
        repeats = list(self.given.repeats_of(asked.key, versions))
        document = self._figures(asked, answers, repeats=repeats, **options)
        document["rubric_versions"] = versions
        document["counted"] = self.given.counted
        document["simulated"] = self.given.simulated(answers)
        document["undefined"] += _left_out(self.study, self.stage, versions)
        if self.stage == Stage.EXTRACTION:
            from annotation.extractors import extractor_rows

            document["extractors"] = extractor_rows(self.study, self.given)
        if by:
            from annotation.figures_by_group import figures_by_group

            document["by"] = figures_by_group(
                self.study, by, self.facts, answers, partial(self._figures, asked, **options)
            )
        return document

    def crossed(self, asked: RubricQuestion, one: str, other: str, **options: str) -> "Crossed":
        """The answers of two raters to one question, or of one and the majority or the owners."""
        from annotation.agreement.collapsing import Policies
        from annotation.agreement.crossed import crossed

        versions = comparable_versions(self.study, self.stage, asked)
        answers, policies = self.given.to(asked.key, versions), Policies(**options)  # type: ignore[arg-type]
        try:
            return crossed(question_measured(asked), answers, one, other, policies, self.facts)
        except PolicyRefused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def _figures(
        self, asked: RubricQuestion, answers: list[Answer], **options: Any
    ) -> dict[str, Any]:
        # Needs numpy, which most processes never do.
        from annotation.agreement.document import agreement_document

        try:
            return agreement_document(
                study=self.study.slug,
                stage=self.stage,
                question=question_measured(asked),
                answers=answers,
                facts=self.facts,
                **options,
            )
        except PolicyRefused as refusal:
            raise ValidationError(str(refusal)) from refusal


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


def asked_of_models(study: Study, stage: str) -> list[RubricQuestion]:
    """The stage's questions that can be measured and are asked of models, in its order."""
    rubric = rubric_in_force(study, stage)
    return [one for one in measured_questions(rubric) if one.is_asked_of("llm")]


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


def waiting_for(*, study: Study, stage: str, rater: Rater, role: str) -> int:
    """How many tasks the rater could still take; `LONGEST_QUEUE_COUNTED` stands for many.

    A task with several free places is one, since nobody holds two places of a task; places whose
    lease ran out count, as somebody else may have them. No more places than that are looked at, so
    that the cost does not grow with the study.
    """
    looking = candidates.looking(study, stage, role, rater)
    looks = [candidates.waiting(looking)]
    if role != Role.OWNER:  # nobody else may have theirs
        looks.append(candidates.waiting_late(looking))
    whose = candidates.whose(study, stage, role, rater)
    rows = [row["task_id"] for look in looks for row in look(**whose)]
    return LONGEST_QUEUE_COUNTED if len(rows) >= LONGEST_QUEUE_COUNTED else len(set(rows))


def done_by(*, study: Study, stage: str, rater: Rater) -> int:
    """How many tasks of a stage the rater has finished."""
    return Assignment.objects.filter(
        study=study, stage=stage, rater=rater, state__in=Assignment.FILLED
    ).count()
