"""Opening what has known answers: gold items and attention checks, each a task of its own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from annotation.choices import Purpose, Stage
from annotation.digests import extraction_digest, relevance_digest, response_digest
from annotation.models import Assignment, Item, Judgment, Task, TaskItem
from generation.models import Attribute, Prompt, Response
from studies.models import Study

Expected = Mapping[str, Any]
"""Question key → what is right."""
KNOWN = {"gold": Purpose.GOLD, "checks": Purpose.CHECK}
"""Keys of a stage's section, and what their tasks are for."""
NAMED_BY = "named_by"
"""Key of a task's `extra`: it is known since the study document says so."""


def open_known(*, study: Study, stage: str, section: Mapping[str, Any]) -> int:
    """Make tasks for those that have none yet; a corrected answer replaces the one before.

    What has one context, such as attributes of one prompt, is shown as one task. What is not in the
    study yet is opened when it is; what is named no more is withdrawn. Call under the lock of the
    study's row.
    """
    opened = 0
    for key, purpose in KNOWN.items():
        named = [
            (item, known["expected"])
            for known in (section.get(key) or {}).get("items", ())
            if (item := _item(study, stage, known)) is not None
        ]
        _withdraw(study, stage, purpose, [item for item, _ in named])
        new: dict[Any, list[tuple[Item, Expected]]] = defaultdict(list)
        for item, expected in named:
            if not _stands(item, purpose, expected):
                new[_context_of(item)].append((item, expected))
        for rows in new.values():
            _open(rows, purpose)
        opened += len(new)
    return opened


def _withdraw(study: Study, stage: str, purpose: Purpose, named: Sequence[Item]) -> None:
    """Of what a document named before, have the rest given to nobody and measure nothing.

    A task that nobody was given goes. What was imported as known stays: no document named it.
    """
    tasks = Task.objects.filter(
        ~Q(purpose=Purpose.MAIN), study=study, stage=stage, purpose=purpose, extra__has_key=NAMED_BY
    )
    entries = TaskItem.objects.filter(task__in=tasks, expected__isnull=False)
    rest = entries.exclude(item__in=named)
    # Locked, lest one is given to somebody at this moment.
    found = tasks.filter(pk__in=rest.values("task")).select_for_update(of=("self",))
    withdrawn = list(found.order_by("pk").values_list("pk", flat=True))
    if withdrawn:
        rest.filter(task__in=withdrawn).update(expected=None)
        Task.objects.filter(pk__in=withdrawn, assignments=None).delete()


def has_known(study: Study) -> bool:
    """Does anything stand as known?"""
    tasks = Task.objects.filter(~Q(purpose=Purpose.MAIN), study=study)
    return tasks.filter(purpose__in=KNOWN.values()).exists()


def _stands(item: Item, purpose: Purpose, expected: Expected) -> bool:
    """Does it stand in a task of the purpose already? What is expected of it is brought up."""
    standing = TaskItem.objects.filter(item=item, purpose=purpose)
    standing.exclude(expected=expected).update(expected=expected)
    return standing.exists()


def _context_of(item: Item) -> Any:
    """What items are shown together: alike for those of one screen."""
    if item.stage == Stage.RESPONSE:
        return item.pk
    conversation = _said_in(item)
    return (item.prompt_id, conversation.pk if conversation else None, _subject_of(item))


def _open(rows: Sequence[tuple[Item, Expected]], purpose: Purpose) -> None:
    _reserve([item for item, _ in rows])
    task = _task(rows[0][0], purpose)
    task.save()
    TaskItem.objects.bulk_create(
        TaskItem(task=task, item=item, position=n, purpose=purpose, expected=dict(expected))
        for n, (item, expected) in enumerate(rows)
    )


def _reserve(items: Sequence[Item]) -> None:
    """Ask them no more for their own sake where nobody has begun to."""
    entries = TaskItem.objects.filter(item__in=items, task__purpose=Purpose.MAIN)
    tasks = {entry.task_id for entry in entries}
    others = TaskItem.objects.filter(task__in=tasks).exclude(item__in=items)
    judged = Judgment.objects.filter(task__in=tasks)
    begun = {row.task_id for row in (*others, *judged)}
    # Locked, lest somebody is given one at this moment.
    for place in Assignment.objects.select_for_update(of=("self",)).filter(task__in=tasks):
        if place.state != Assignment.State.FREE:
            begun.add(place.task_id)
    Task.objects.filter(pk__in=tasks - begun).delete()


def _task(item: Item, purpose: Purpose) -> Task:
    """Looks like any other task of its stage."""
    conversation = _said_in(item)
    turns = conversation.turns_at() if conversation else []
    return Task(
        study_id=item.study_id,
        stage=item.stage,
        purpose=purpose,
        subject_id=_subject_of(item),
        conversation=conversation,
        edition=max((turn.edition for turn in turns), default=1) if conversation else None,
        prompt=item.prompt,
        extra={NAMED_BY: "document"},
    )


def _subject_of(item: Item) -> Any:
    """Whom it is about, if anybody."""
    responses = [row for row in (item.first, item.second) if row]
    about = (item.prompt, item.attribute, *responses, item.conversation)
    return next((row.participant_id for row in about if row and row.participant_id), None)


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
