"""Importing: a bundle, or files of a format that yields one, into a study; all or nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from annotation.actions.tallies import count_if_large
from annotation.actions.tasks import plan_opening
from annotation.models import Item, Task, TaskItem
from collection.models import Conversation, Turn
from generation.models import Attribute, Prompt, Response
from releases.actions.loading.items import load_items
from releases.actions.loading.judgments import Judging, load_judgments, load_skips
from releases.actions.loading.links import load_links, load_verifications
from releases.actions.loading.load import Entry, Faults, ImportRefused, Load
from releases.actions.loading.people import load_participants, load_raters
from releases.actions.loading.proposals import (
    load_attributes,
    load_prompts,
    load_responses,
    load_selections,
)
from releases.actions.loading.seats import Seats, store_places
from releases.actions.loading.study import Target, load_of
from releases.actions.loading.tasks import load_tasks, make_implicit_tasks
from releases.actions.loading.words import load_conversations
from releases.bundle.lines import Fault, Line, read_stream
from releases.bundle.records import RECORDS
from releases.bundle.spool import LINES_AT_A_TIME, Spool
from releases.importers.format import Findings, Format
from studies.bulk import refresh_statistics
from studies.models import Study, User

Loader = Callable[[Load, list[Entry[Any]]], None]
Progress = Callable[[str, int, int], None]
"""(kind, lines done, lines in all); the kind is empty while files are read."""

LOADERS: dict[str, Loader] = {
    "participant": load_participants,
    "conversation": load_conversations,
    "attribute": load_attributes,
    "prompt": load_prompts,
    "response": load_responses,
    "selection": load_selections,
    "rater": load_raters,
    "item": load_items,
    "task": load_tasks,
    "attribute_link": load_links,
    "verification": load_verifications,
}
LOOKED_UP: dict[str, Sequence[type[models.Model]]] = {
    "conversation": (Conversation, Turn),
    "attribute": (Attribute,),
    "prompt": (Prompt,),
    "response": (Response,),
    "item": (Item,),
}
"""What later kinds look up among the rows that a kind has just written."""
ASKED_ABOUT = ("attribute", "prompt", "response")


@dataclass(frozen=True, slots=True)
class Report:
    """What an import stored, and what it left out."""

    study: Study
    counts: dict[str, int]
    faults: tuple[Fault, ...] = ()
    findings: Findings = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "study": self.study.slug,
            "counts": self.counts,
            "left_out": [str(fault) for fault in self.faults],
            "findings": self.findings,
        }


def no_progress(kind: str, done: int, total: int) -> None:
    """Nobody watches."""


def import_bundle(
    *,
    study: Study | None,
    chunks: Iterable[bytes],
    name: str = "bundle",
    skip_bad: bool = False,
    by: User | None = None,
) -> Report:
    """Store a bundle that comes as a stream of bytes, cut anywhere.

    `study` None makes the study of the bundle's own document. `name` stands for the file in
    faults. Raises ImportRefused (with its faults), ValidationError, PermissionDenied.
    """
    return _import(
        read_stream(name, chunks), Target(study, by=by), skip_bad=skip_bad, progress=no_progress
    )


def import_files(
    *,
    slug: str,
    format: Format,
    paths: Sequence[Path],
    create: bool = False,
    skip_bad: bool = False,
    progress: Progress = no_progress,
    by: User | None = None,
) -> Report:
    """Store the files of a format in the study `slug`, which `create` makes.

    Raises ImportRefused (with its faults), ValidationError, PermissionDenied.
    """
    study = Study.objects.filter(slug=slug).first()
    if study is None and not create:
        raise ValidationError(f"There is no study “{slug}”; --create makes it.")
    if study is not None and create:
        raise ValidationError(f"There is a study “{slug}” already; add to it without --create.")
    findings: Findings = {}
    document = format.document(slug) if format.document else None
    report = _import(
        format.read(paths, findings),
        Target(study, slug=slug, document=document, by=by),
        skip_bad=skip_bad,
        progress=progress,
    )
    return replace(report, findings=findings)


def _import(
    lines: Iterable[Line | Fault], target: Target, *, skip_bad: bool, progress: Progress
) -> Report:
    faults = Faults(skip_bad)
    with Spool() as spool:
        _put_aside(lines, spool, faults, progress)
        try:
            with transaction.atomic():
                load = load_of(target, _study_lines(spool), faults)
                _load_all(load, spool, progress)
                _open_soon(load, spool)
        except DatabaseError as error:
            reason = f"the database refused the rows: {str(error).splitlines()[0]}"
            raise ImportRefused([Fault("", 0, "", reason)]) from error
    count_if_large(load.study)
    return Report(load.study, _counts(load, spool), tuple(faults.found))


def _put_aside(
    lines: Iterable[Line | Fault], spool: Spool, faults: Faults, progress: Progress
) -> None:
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Fault):
            faults.add(line)
        else:
            spool.add(line)
        if number % LINES_AT_A_TIME == 0:
            progress("", number, 0)
    faults.stop_if_any()


def _study_lines(spool: Spool) -> list[Line]:
    return [line for chunk in spool.chunks("study") for line in chunk]


def _load_all(load: Load, spool: Spool, progress: Progress) -> None:
    """Kind by kind in the order in which they refer to each other."""
    for kind, loader in LOADERS.items():
        _load_kind(load, spool, kind, loader, progress)
    make_implicit_tasks(load)
    if spool.counts["item"] >= LINES_AT_A_TIME:
        _refresh((Task, TaskItem))
    seats = Seats(load)
    judging = Judging(load, seats)
    judging.fetch_raters()
    for kind, judge in (("judgment", load_judgments), ("skip", load_skips)):
        _load_kind(load, spool, kind, partial(_judge, judge, judging), progress)
    store_places(load, seats)


def _open_soon(load: Load, spool: Spool) -> None:
    """What comes without items is to be asked about; what has some says itself what is asked."""
    if not spool.counts["item"] and any(spool.counts[kind] for kind in ASKED_ABOUT):
        plan_opening(load.study, imported=uuid4().hex)


def _judge(
    loader: Callable[[Judging, list[Entry[Any]]], None],
    judging: Judging,
    load: Load,
    entries: list[Entry[Any]],
) -> None:
    loader(judging, entries)


def _load_kind(load: Load, spool: Spool, kind: str, loader: Loader, progress: Progress) -> None:
    total = spool.counts[kind]
    if not total:
        return
    load.begin_kind()
    done = 0
    for chunk in spool.chunks(kind):
        loader(load, load.shaped(chunk, RECORDS[kind]))
        done += len(chunk)
        progress(kind, done, total)
    load.faults.stop_if_any()
    if total >= LINES_AT_A_TIME:
        _refresh(LOOKED_UP.get(kind, ()))


def _refresh(written: Iterable[type[models.Model]]) -> None:
    for model in written:
        refresh_statistics(model)


def _counts(load: Load, spool: Spool) -> dict[str, int]:
    counts = {"study": spool.counts["study"], **load.counts}
    return {kind: counts[kind] for kind in RECORDS if counts.get(kind)}
