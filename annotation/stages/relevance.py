"""Stage 2: which attributes should matter for this request?"""

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.digests import relevance_digest
from annotation.models import Item, Stage, Task
from annotation.stages.stage import Draft
from generation.models import Attribute, Prompt
from studies.models import Study

PROMPTS_AT_A_TIME = 200


class Relevance:
    """One task per prompt of a person: all their attributes that are not paired with it yet."""

    name = Stage.RELEVANCE.value
    judge_prompt = "relevance-judge"

    def drafts(self, study: Study, section: Mapping[str, Any]) -> Iterator[Draft]:
        """For prompts with attributes of their own person that are not yet an item with it."""
        prompts = Prompt.objects.filter(study=study, participant__isnull=False).order_by("ref")
        for prompt in prompts.iterator(chunk_size=PROMPTS_AT_A_TIME):
            attributes = list(_unpaired(prompt))
            if attributes:
                yield _draft(prompt, attributes)


def _unpaired(prompt: Prompt) -> Iterator[Attribute]:
    paired = Item.objects.filter(prompt=prompt, stage=Stage.RELEVANCE).values("attribute")
    attributes = Attribute.objects.filter(
        study_id=prompt.study_id, participant_id=prompt.participant_id
    )
    yield from attributes.exclude(pk__in=paired).order_by("ref")


def _draft(prompt: Prompt, attributes: list[Attribute]) -> Draft:
    task = Task(
        study_id=prompt.study_id,
        stage=Stage.RELEVANCE,
        subject_id=prompt.participant_id,
        prompt=prompt,
    )
    return Draft(task=task, items=tuple(_item(prompt, row) for row in attributes))


def _item(prompt: Prompt, attribute: Attribute) -> Item:
    return Item(
        study_id=prompt.study_id,
        stage=Stage.RELEVANCE,
        prompt=prompt,
        attribute=attribute,
        content_digest=relevance_digest(prompt=prompt, attribute=attribute),
    )
