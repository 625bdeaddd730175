"""What a dry run knows of its study: right answers, lasting names, and whether people judged."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.actions.simulated import SIMULATED
from annotation.blinding import blind_name
from annotation.choices import Purpose, Stage
from annotation.models import Item, Judgment, Rater, TaskItem
from annotation.rubric_versions import rubric_of
from annotation.rubrics.document import Rubric
from annotation.simulation.truth import canonical
from generation.models import Attribute
from studies.models import Study

ABOUT = ("attribute", "conversation", "prompt", "first", "second")
CHUNK = 2_000


def judged_by_people(study: Study) -> bool:
    """Has anybody judged who is not made up by a dry run?"""
    human = Judgment.objects.filter(study=study, rater__kind=Rater.Kind.HUMAN)
    return human.exclude(rater__extra__has_key=SIMULATED).exists()


def known_answers(study: Study, stage: str) -> dict[str, dict[str, Any]]:
    """Expected answers of gold items and attention checks, by item's name, in canonical order.

    They are planted as the truth, so that raters who look pass them.
    """
    rows = TaskItem.objects.filter(
        task__study=study,
        task__stage=stage,
        purpose__in=(Purpose.GOLD, Purpose.CHECK),
        expected__isnull=False,
    ).select_related(*(f"item__{one}" for one in ABOUT))
    rubric = rubric_of(study, stage)
    return {
        name_of_item(row.item): in_canonical_order(rubric, row.item, row.expected or {})
        for row in rows
    }


def names_of(study: Study, stages: Sequence[str]) -> dict[str, str]:
    """The names by which a dry run draws, by the ids that its raters are shown.

    Those ids are this site's own: an item that a study opens itself has a random one, and whatever
    a rater must not recognize is called by a keyed digest.
    """
    names: dict[str, str] = {}
    items = Item.objects.filter(study=study, stage__in=stages).select_related(*ABOUT)
    for item in items.iterator(chunk_size=CHUNK):
        names[item.ref] = name_of_item(item)
        names |= {blind_name(one.ref): one.ref for one in (item.first, item.second) if one}
    given = Attribute.objects.filter(study=study).values_list("ref", flat=True)
    return names | {blind_name(ref): ref for ref in given.iterator(chunk_size=CHUNK)}


def name_of_item(item: Item) -> str:
    """Its stage with the refs of all that it is about, in no order of the site's making."""
    context = [one.ref for one in (item.conversation, item.prompt, item.attribute) if one]
    responses = sorted(one.ref for one in (item.first, item.second) if one)
    return " ".join([item.stage, *context, *responses])


def in_canonical_order(rubric: Rubric, item: Item, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers in the item's own order, with its two responses in the order of their refs."""
    is_turned = is_turned_item(item)
    questions = {question.key: question for question in rubric.questions}
    return {
        key: canonical(questions[key], answer, is_turned)
        for key, answer in answers.items()
        if key in questions
    }


def is_turned_item(item: Item) -> bool:
    """Does the item hold its two responses in another order than that of their refs?"""
    if item.stage != Stage.RESPONSE or item.first is None or item.second is None:
        return False
    return item.first.ref > item.second.ref
