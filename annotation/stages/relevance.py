"""Stage 2: which attributes should matter for this request?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from annotation.choices import Stage
from annotation.digests import relevance_digest
from annotation.models import Item, Task
from annotation.stages.stage import Draft
from generation.models import Attribute, Prompt
from studies.models import Study

PROMPTS_AT_A_TIME = 200


class Relevance:
    """One task per prompt and person: all their attributes that are not paired with it yet."""

    name = Stage.RELEVANCE.value
    judge_prompt = "relevance-judge"

    def drafts(self, study: Study, section: Mapping[str, Any]) -> Iterator[Draft]:
        """A person's own prompts with their own attributes; the pool's with everybody's.

        What another attribute stands in for is paired no more; pairs made before stay.
        """
        people = _attributes_by_person(study)
        prompts = Prompt.objects.filter(study=study).order_by("ref")
        for prompt in prompts.iterator(chunk_size=PROMPTS_AT_A_TIME):
            paired = _paired(prompt)
            for person in [prompt.participant_id] if prompt.participant_id else list(people):
                unpaired = [row for row in people.get(person, []) if row.id not in paired]
                if unpaired:
                    yield _draft(prompt, unpaired)


def _attributes_by_person(study: Study) -> dict[UUID | None, list[Attribute]]:
    people: dict[UUID | None, list[Attribute]] = defaultdict(list)
    standing = Attribute.objects.remembered().current()
    rows = standing.filter(study=study, participant__isnull=False)
    for attribute in rows.order_by("ref"):
        people[attribute.participant_id].append(attribute)
    return people


def _paired(prompt: Prompt) -> set[UUID | None]:
    items = Item.objects.filter(prompt=prompt, stage=Stage.RELEVANCE)
    return set(items.values_list("attribute_id", flat=True))


def _draft(prompt: Prompt, attributes: list[Attribute]) -> Draft:
    task = Task(
        study_id=prompt.study_id,
        stage=Stage.RELEVANCE,
        subject_id=attributes[0].participant_id,
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
