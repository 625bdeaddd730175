"""Stage 1: is this true of the person, and does the conversation say it?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from annotation.choices import Stage
from annotation.digests import extraction_digest
from annotation.models import Item, Task
from annotation.stages.stage import Draft
from collection.models import Conversation, Turn
from generation.models import Attribute, Evidence
from studies.models import Study

CONVERSATIONS_AT_A_TIME = 200
# Attribute and turn come by joins: to prefetch them one by one would be a condition per row,
# of which SQLite takes a thousand.
_EVIDENCE = (
    Prefetch("evidence", Evidence.objects.select_related("attribute")),
    Prefetch("evidence__attribute__evidence", Evidence.objects.select_related("turn")),
)


class Extraction:
    """One task per conversation: its attributes, then what is missing."""

    name = Stage.EXTRACTION.value
    judge_prompt = "extraction-judge"

    def drafts(self, study: Study, section: Mapping[str, Any]) -> Iterator[Draft]:
        """For conversations with attributes that nobody has been asked about.

        What owners wrote themselves is the reference, not a question.
        """
        unasked = _unasked_attributes(study)
        conversations = (
            Conversation.objects.filter(study=study, evidence__attribute__in=unasked)
            .distinct()
            .prefetch_related("turns", *_EVIDENCE)
            .order_by("ref")
        )
        taken: set[Any] = set()
        asks_missing = section.get("missing", True)
        for conversation in conversations.iterator(chunk_size=CONVERSATIONS_AT_A_TIME):
            attributes = [row for row in _attributes_of(conversation) if row.id not in taken]
            still_unasked = _ids(unasked, attributes)
            open_now = [row for row in attributes if row.id in still_unasked]
            taken.update(row.id for row in open_now)
            if open_now:
                yield _draft(conversation, open_now, asks_missing=asks_missing)


def _unasked_attributes(study: Study) -> Any:
    asked = Item.objects.filter(attribute=OuterRef("pk"), stage=Stage.EXTRACTION)
    others = Attribute.objects.remembered().filter(study=study).exclude(author="owner")
    return others.filter(~Exists(asked))


def _ids(unasked: Any, attributes: Sequence[Attribute]) -> set[Any]:
    return set(unasked.filter(pk__in=[row.pk for row in attributes]).values_list("pk", flat=True))


def _attributes_of(conversation: Conversation) -> list[Attribute]:
    found = {row.attribute_id: row.attribute for row in conversation.evidence.all()}
    return sorted(found.values(), key=lambda attribute: attribute.ref)


def _draft(
    conversation: Conversation, attributes: Sequence[Attribute], *, asks_missing: bool
) -> Draft:
    turns = conversation.turns_at()
    edition = max((turn.edition for turn in turns), default=1)
    task = Task(
        study_id=conversation.study_id,
        stage=Stage.EXTRACTION,
        subject_id=conversation.participant_id,
        conversation=conversation,
        edition=edition,
    )
    items = [_attribute_item(attribute, turns) for attribute in attributes]
    if asks_missing and not conversation.items.filter(stage=Stage.EXTRACTION).exists():
        items.append(_missing_item(conversation, turns))
    return Draft(task=task, items=tuple(items))


def _attribute_item(attribute: Attribute, turns: Sequence[Turn]) -> Item:
    digest = extraction_digest(
        turns=turns, attribute=attribute, evidence=list(attribute.evidence.all())
    )
    return Item(
        study_id=attribute.study_id,
        stage=Stage.EXTRACTION,
        attribute=attribute,
        content_digest=digest,
    )


def _missing_item(conversation: Conversation, turns: Sequence[Turn]) -> Item:
    return Item(
        study_id=conversation.study_id,
        stage=Stage.EXTRACTION,
        conversation=conversation,
        content_digest=extraction_digest(turns=turns, attribute=None, evidence=[]),
    )
