"""Opening what has known answers: gold items and attention checks, each a task of its own."""

from collections.abc import Mapping
from typing import Any

from annotation.choices import Purpose, Stage
from annotation.digests import extraction_digest, relevance_digest, response_digest
from annotation.models import Item, Task, TaskItem
from generation.models import Attribute, Prompt, Response
from studies.models import Study

KNOWN = {"gold": Purpose.GOLD, "checks": Purpose.CHECK}
"""Keys of a stage's section, and what their tasks are for."""


def open_known(*, study: Study, stage: str, section: Mapping[str, Any]) -> int:
    """Make a task for each that has none yet; a corrected answer replaces the one before.

    What is not in the study yet is opened when it is. Call under the lock of the study's row.
    """
    opened = 0
    for key, purpose in KNOWN.items():
        for known in (section.get(key) or {}).get("items", ()):
            item = _item(study, stage, known)
            if item is not None:
                opened += _open(item, purpose, known["expected"])
    return opened


def _open(item: Item, purpose: Purpose, expected: Mapping[str, Any]) -> int:
    standing = TaskItem.objects.filter(item=item, purpose=purpose)
    if standing.exclude(expected=expected).update(expected=expected) or standing.exists():
        return 0
    task = _task(item, purpose)
    task.save()
    TaskItem.objects.create(
        task=task, item=item, position=0, purpose=purpose, expected=dict(expected)
    )
    return 1


def _task(item: Item, purpose: Purpose) -> Task:
    """Looks like any other task of its stage."""
    conversation = _said_in(item)
    responses = [row for row in (item.first, item.second) if row]
    people = (item.prompt, item.attribute, *responses, conversation)
    turns = conversation.turns_at() if conversation else []
    return Task(
        study_id=item.study_id,
        stage=item.stage,
        purpose=purpose,
        subject_id=next((row.participant_id for row in people if row and row.participant_id), None),
        conversation=conversation,
        edition=max((turn.edition for turn in turns), default=1) if conversation else None,
        prompt=item.prompt,
    )


def _said_in(item: Item) -> Any:
    """The conversation in whose light the item is judged."""
    if item.stage != Stage.EXTRACTION:
        return None
    if item.attribute is None:
        return item.conversation
    said = item.attribute.evidence.select_related("conversation").order_by("conversation__ref")
    evidence = said.first()
    return evidence.conversation if evidence else None


def _item(study: Study, stage: str, known: Mapping[str, Any]) -> Item | None:
    """The item that is meant, made where only what it is about is there."""
    if ref := known.get("item"):
        return Item.objects.filter(study=study, stage=stage, ref=ref).first()
    about = _about(study, known)
    if about is None:
        return None
    found = Item.objects.filter(study=study, stage=stage, **about).first()
    return found or _made(study, stage, about)


def _about(study: Study, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rows that the refs name; None while one of them is missing."""
    about: dict[str, Any] = {}
    if ref := known.get("attribute"):
        kept = Attribute.objects.remembered().filter(study=study, ref=ref)
        about["attribute"] = kept.first()
    if ref := known.get("prompt"):
        about["prompt"] = Prompt.objects.filter(study=study, ref=ref).first()
    for side, ref in zip(("first", "second"), known.get("responses") or (), strict=False):
        about[side] = Response.objects.filter(study=study, ref=ref).first()
    return None if None in about.values() else about


def _made(study: Study, stage: str, about: Mapping[str, Any]) -> Item:
    item = Item(study=study, stage=stage, **about)
    item.content_digest = _digest(item)
    item.save()
    return item


def _digest(item: Item) -> str:
    if item.stage == Stage.EXTRACTION:
        conversation = _said_in(item)
        evidence = list(item.attribute.evidence.all()) if item.attribute else []
        turns = conversation.turns_at() if conversation else []
        return extraction_digest(turns=turns, attribute=item.attribute, evidence=evidence)
    assert item.prompt is not None  # the item's own constraint
    if item.attribute:
        return relevance_digest(prompt=item.prompt, attribute=item.attribute)
    assert item.first is not None
    return response_digest(prompt=item.prompt, first=item.first, second=item.second)
