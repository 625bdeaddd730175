"""What a dry run knows of its study: right answers that are stored, and whether people judged."""

from collections.abc import Mapping
from typing import Any

from annotation.actions.simulated import SIMULATED
from annotation.blinding import blind_name, renamed
from annotation.choices import Purpose, Stage
from annotation.models import Item, Judgment, Rater, TaskItem
from annotation.rubric_versions import rubric_of
from annotation.rubrics.document import Rubric
from annotation.simulation.truth import canonical
from studies.models import Study


def judged_by_people(study: Study) -> bool:
    """Has anybody judged who is not made up by a dry run?"""
    human = Judgment.objects.filter(study=study, rater__kind=Rater.Kind.HUMAN)
    return human.exclude(rater__extra__has_key=SIMULATED).exists()


def known_answers(study: Study, stage: str) -> dict[str, dict[str, Any]]:
    """Expected answers of gold items and attention checks, by item, in canonical order.

    They are planted as the truth, so that raters who look pass them.
    """
    rows = TaskItem.objects.filter(
        task__study=study,
        task__stage=stage,
        purpose__in=(Purpose.GOLD, Purpose.CHECK),
        expected__isnull=False,
    ).select_related("item__first", "item__second")
    rubric = rubric_of(study, stage)
    return {row.item.ref: in_canonical_order(rubric, row.item, row.expected or {}) for row in rows}


def in_canonical_order(rubric: Rubric, item: Item, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers in the item's own order, with its two responses in the order of their ids."""
    is_turned = is_turned_item(item)
    questions = {question.key: question for question in rubric.questions}
    names = {target: blind_name(target) for target in targets_of(answers)}
    return {
        key: canonical(questions[key], answer, is_turned)
        for key, answer in renamed(answers, names).items()
        if key in questions
    }


def targets_of(answers: Mapping[str, Any]) -> set[str]:
    """What is answered one by one."""
    return {one for answer in answers.values() if isinstance(answer, Mapping) for one in answer}


def is_turned_item(item: Item) -> bool:
    """Does the item hold its two responses in another order than that of their ids?"""
    if item.stage != Stage.RESPONSE or item.first is None or item.second is None:
        return False
    return blind_name(item.first.ref) > blind_name(item.second.ref)
