"""Storing judgments: one door for pages, programs and models."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, UUIDField
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from annotation.actions.assignments import locked_place, release_assignment
from annotation.actions.disputing import look_again_at
from annotation.actions.selections import select_what_was_decided
from annotation.blinding import renamed
from annotation.choices import Role
from annotation.digests import presentation_digest, sha256_of
from annotation.errors import AlreadySubmitted, NotYours, StaleFence, StudyClosed, TakenBack
from annotation.fences import check_fence
from annotation.models import Assignment, Judgment, Rater
from annotation.rubrics.answers import check_answers
from annotation.rubrics.sides import in_item_order
from annotation.rules import check_is_shared, check_may_judge
from annotation.screens import Screen, ShownItem, screen_of
from llm.models import Call
from work.statements import Change, Given, Insert

LONGEST_COMMENT = 5_000
LONGEST_KEY = 80
ANSWERABLE = (Assignment.State.LEASED, Assignment.State.LAPSED)
CLOSED = (
    "state",
    "lease_until",
    "order",
    "presentation_digest",
    "submit_key",
    "submit_digest",
    "finished_at",
)
CLOSE = Change(
    Assignment.objects.filter(pk=Given("pk", UUIDField())),
    **{name: Given.of(Assignment, name) for name in CLOSED},
)
APPEND = Insert(Judgment, by_database=["submitted_at"])
SAID = ("item", "answers", "raw", "comment", "flag")
MOST_SECONDS = 10**7
MOST_PASTED = 2**31


@dataclass(frozen=True, slots=True)
class Entry:
    """A rater's answer to one item, in the terms of what was shown."""

    item: str
    """The item's ref."""
    answers: Mapping[str, Any] | None
    """None: nothing usable was said; then `raw` holds what was."""
    raw: str | None = None
    seconds: float | None = None
    comment: str = ""
    flag: str = ""
    idle_seconds: float | None = None
    pasted: int | None = None
    """Characters from the clipboard."""


@dataclass(frozen=True, slots=True)
class Seat:
    """From where a rater judges: a place for people, an arm, order and sample for models."""

    rater: Rater
    role: str
    screen: Screen
    assignment: Assignment | None = None
    arm: str = "plain"
    sample: int = 0
    call: Call | None = None
    device: str = ""
    language: str = ""
    revision_of: Mapping[UUID, int] = field(default_factory=dict)
    """Item id → the last revision stored, where answers replace earlier ones."""


def submit_assignment(
    *,
    assignment_id: UUID,
    rater: Rater | None,
    fence: int,
    entries: Sequence[Entry],
    key: str = "",
    device: str = "",
    language: str = "",
    study_id: UUID | None = None,
) -> list[Judgment]:
    """Store a place's judgments and close it. The same `key` again: the same judgments.

    `rater` None acts for whoever holds the place. An answer that comes after the lease ran out
    counts as long as nobody took a place in its stead; then it is kept as surplus. Raises
    ValidationError (by item and question), NotYours, StaleFence, AlreadySubmitted, StudyClosed;
    then nothing is stored. TakenBack, when the person it is about stopped sharing meanwhile, also
    frees the place.
    """
    if len(key) > LONGEST_KEY:
        raise ValidationError({"key": f"A key has at most {LONGEST_KEY} characters."})
    try:
        with transaction.atomic():
            place = locked_place(assignment_id=assignment_id, rater=rater, study_id=study_id)
            if place.state in Assignment.FILLED:
                return _answer_again(place, key, digest_of(entries))
            _check_open(place, fence)
            place.submit_key, place.submit_digest = key, digest_of(entries)
            return _submit(place, entries, device, language)
    except TakenBack:
        # In a transaction of its own, as the refusal has undone everything else. What has lapsed,
        # or was given back meanwhile, they hold no more.
        with suppress(StaleFence, NotYours):
            release_assignment(
                assignment_id=assignment_id, rater=rater, fence=fence, study_id=study_id
            )
        raise


def _submit(
    place: Assignment, entries: Sequence[Entry], device: str, language: str
) -> list[Judgment]:
    seat = Seat(
        rater=place.rater or _nobody(),
        role=place.role,
        screen=_screen_to_answer(place),
        assignment=place,
        device=device,
        language=language,
    )
    _close(place, seat)
    return submit_judgments(seat=seat, entries=entries)


@transaction.atomic
def revise_assignment(
    *,
    assignment_id: UUID,
    rater: Rater,
    entries: Sequence[Entry],
    device: str = "",
    language: str = "",
) -> list[Judgment]:
    """Answer a finished place again: every answer becomes its item's next revision."""
    place = locked_place(assignment_id=assignment_id, rater=rater)
    if place.state not in Assignment.FILLED:
        raise StaleFence(_("Only a finished task can be answered again."))
    if not place.study.is_open:
        raise StudyClosed(_("This study is closed; answers can no longer be changed."))
    _check_rater(place)
    last = place.judgments.values_list("item").annotate(last=Max("revision"))
    seat = Seat(
        rater=rater,
        role=place.role,
        screen=_screen_to_answer(place),
        assignment=place,
        device=device,
        language=language,
        revision_of=dict(last),
    )
    judgments = submit_judgments(seat=seat, entries=entries)
    look_again_at(place, because=judgments[0].pk)
    return judgments


@transaction.atomic(savepoint=False)
def submit_judgments(*, seat: Seat, entries: Sequence[Entry]) -> list[Judgment]:
    """Append one judgment per item shown; all or nothing.

    Answers come in the terms of what was shown and are stored in the item's own order.
    Raises ValidationError with a dict {item ref: sentences}.
    """
    checked = _check_entries(seat, entries)
    digest = _presentation(seat)
    judgments = [
        _judgment(seat, shown, entry, answers, digest) for shown, entry, answers in checked
    ]
    for judgment in judgments:
        APPEND(judgment)
    select_what_was_decided(task=seat.screen.task, judgments=judgments)
    return judgments


def digest_of(entries: Sequence[Entry]) -> str:
    """SHA-256 of what a submission says, whatever the order of its entries and the time it took."""
    said = [{name: getattr(entry, name) for name in SAID} for entry in entries]
    return sha256_of(sorted(said, key=lambda row: row["item"]))


def _answer_again(place: Assignment, key: str, digest: str) -> list[Judgment]:
    if key and key == place.submit_key:
        if digest != place.submit_digest:
            raise ValidationError({"key": "This key was used for other answers."})
        return _first_judgments(place)
    raise AlreadySubmitted(_("This task is already submitted; nothing was stored twice."))


def _first_judgments(place: Assignment) -> list[Judgment]:
    """Those the place was closed with, in the order shown."""
    items = dict(place.task.task_items.values_list("position", "item_id"))
    given = {row.item_id: row for row in place.judgments.filter(revision=1)}
    # What was erased since is missed.
    shown = [given[items[position]] for position in place.order if items.get(position) in given]
    check_is_shared(is_shared=bool(shown))
    return shown


def _check_open(place: Assignment, fence: int) -> None:
    check_fence(place, fence)
    if place.state not in ANSWERABLE:
        raise StaleFence(_("This task was skipped; nothing was stored."))
    if not place.study.is_open:
        raise StudyClosed(_("This study is closed; nothing was stored."))
    _check_rater(place)


def _check_rater(place: Any) -> None:
    """May its rater judge, and is what they saw still shared?"""
    if place.rater:
        check_may_judge(place.study, place.rater, place.role, takes_part=place.takes_part)
    check_is_shared(is_shared=place.is_shared)


def _screen_to_answer(place: Assignment) -> Screen:
    """What stands on it; TakenBack if that is nothing more, since all was forgotten or erased."""
    screen = screen_of(place, has_context=False)
    check_is_shared(is_shared=bool(screen.items))
    return screen


def _nobody() -> Rater:
    raise StaleFence(_("Nobody holds this task."))


def _close(place: Any, seat: Seat) -> None:
    """Done; or, where somebody else took a place in its stead, done beside the N."""
    is_late = place.state == Assignment.State.LAPSED
    place.state = Assignment.State.SURPLUS if is_late else Assignment.State.DONE
    place.lease_until = None
    place.order = list(seat.screen.order)
    place.presentation_digest = _presentation(seat)
    place.finished_at = place.asked_at  # the database's clock: web processes' are never compared
    CLOSE(pk=place.pk, **{name: getattr(place, name) for name in CLOSED})


def _presentation(seat: Seat) -> str:
    screen = seat.screen
    return presentation_digest(
        items=[shown.item for shown in screen.items],
        rubric_version=screen.rubric.version,
        role=seat.role,
        arm=seat.arm,
        language=seat.language,
        is_swapped=screen.is_swapped,
    )


def _check_entries(
    seat: Seat, entries: Sequence[Entry]
) -> list[tuple[ShownItem, Entry, dict[str, Any] | None]]:
    given = _entries_by_item(entries)
    shown_refs = {shown.ref for shown in seat.screen.items}
    faults: dict[str, list[str]] = {
        ref: ["This item is not part of the task."]
        for ref in given
        if ref not in shown_refs and ref not in seat.screen.left_out
    }
    checked = []
    for shown in seat.screen.items:
        entry = given.get(shown.ref)
        if entry is None:
            faults[shown.ref] = ["This item was not answered."]
            continue
        try:
            checked.append((shown, entry, _check_entry(seat, shown, entry)))
        except ValidationError as error:
            faults[shown.ref] = sentences(error)
    if faults:
        raise ValidationError(faults)
    return checked


def _entries_by_item(entries: Sequence[Entry]) -> dict[str, Entry]:
    given: dict[str, Entry] = {}
    for entry in entries:
        if entry.item in given:
            raise ValidationError({entry.item: ["This item was answered twice."]})
        given[entry.item] = entry
    return given


def _check_entry(seat: Seat, shown: ShownItem, entry: Entry) -> dict[str, Any] | None:
    _check_asides(entry)
    if entry.answers is None:
        if seat.role != Role.LLM:
            raise ValidationError(_("The answers are missing."))
        return None
    refs = {name: ref for ref, name in shown.targets.names.items()}
    answers = check_answers(
        shown.rubric,
        role=seat.role,
        answers=renamed(entry.answers, refs),
        targets=shown.targets,
    )
    return in_item_order(shown.rubric, answers, swapped=seat.screen.is_swapped)


def _check_asides(entry: Entry) -> None:
    if len(entry.comment) > LONGEST_COMMENT:
        most = {"most": number_format(LONGEST_COMMENT, force_grouping=True)}
        raise ValidationError(_("A comment has at most %(most)s characters.") % most)
    if "\x00" in entry.comment:
        raise ValidationError(_("A comment cannot hold the character NUL."))
    if entry.flag and entry.flag not in Judgment.Flag.values:
        raise ValidationError(f"A flag is one of {', '.join(Judgment.Flag.values)}.")
    times = [time for time in (entry.seconds, entry.idle_seconds) if time is not None]
    if not all(0 <= time < MOST_SECONDS for time in times):
        raise ValidationError(_("The seconds must be a number from 0."))
    if entry.pasted is not None and not 0 <= entry.pasted < MOST_PASTED:
        raise ValidationError("The characters pasted must be a whole number from 0.")


def sentences(error: ValidationError) -> list[str]:
    """A fault's sentences, each led by its question's key where it has one."""
    if hasattr(error, "error_dict"):
        return [
            f"{key}: {sentence}" for key, found in error.message_dict.items() for sentence in found
        ]
    return list(error.messages)


def _judgment(
    seat: Seat,
    shown: ShownItem,
    entry: Entry,
    answers: dict[str, Any] | None,
    presentation: str,
) -> Judgment:
    return Judgment(
        study_id=seat.screen.task.study_id,
        stage=seat.screen.stage,
        item=shown.item,
        task=seat.screen.task,
        rater=seat.rater,
        role=seat.role,
        assignment=seat.assignment,
        rubric_version=shown.rubric.version,
        arm=seat.arm,
        is_swapped=seat.screen.is_swapped,
        sample=seat.sample,
        revision=seat.revision_of.get(shown.item.id, 0) + 1,
        answers=answers,
        is_usable=answers is not None,
        raw=entry.raw,
        presentation_digest=presentation,
        comment=entry.comment,
        flag=entry.flag,
        is_surplus=_is_surplus(seat.assignment),
        seconds=entry.seconds,
        idle_seconds=entry.idle_seconds,
        pasted=entry.pasted,
        device=seat.device,
        call=seat.call,
    )


def _is_surplus(place: Assignment | None) -> bool:
    return place is not None and place.state == Assignment.State.SURPLUS
