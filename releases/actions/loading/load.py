"""What loading one bundle knows while it runs: the study, what was refused, what is there."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from pydantic import ValidationError as ShapeError

from releases.bundle.lines import Fault, Line, Refused
from releases.bundle.shapes import Record
from studies.lookups import among
from studies.models import Study

R = TypeVar("R", bound=Record)

ALREADY_THERE = "is already in the study"
TWICE = "stands twice in these files"
MOST_FAULTS = 20
"""After so many an import that is all or nothing looks no further."""


class ImportRefused(Exception):
    """An import that stored nothing; `faults` say why, the first twenty or so."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @property
    def sentence(self) -> str:
        """One sentence on the whole."""
        if self.faults and all(fault.reason == ALREADY_THERE for fault in self.faults):
            return "The study already holds what these files hold; nothing was stored."
        return "The import was refused; nothing was stored."


@dataclass(slots=True)
class Faults:
    """Everything refused so far. All or nothing, unless bad lines are to be skipped."""

    skip_bad: bool
    found: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Note one; where nothing may be refused, give up after the first few."""
        self.found.append(fault)
        if not self.skip_bad and len(self.found) >= MOST_FAULTS:
            raise ImportRefused(self.found)

    def stop_if_any(self) -> None:
        """Raise ImportRefused if something was refused that may not be skipped."""
        if self.found and not self.skip_bad:
            raise ImportRefused(self.found)


class Entry(NamedTuple, Generic[R]):
    """A line that has the right shape, and where it stands."""

    line: Line
    record: R


@dataclass(slots=True)
class Load:
    """One import into one study."""

    study: Study
    faults: Faults
    counts: Counter[str] = field(default_factory=Counter)
    editions: dict[UUID, int] = field(default_factory=dict)
    """Item → the edition of its conversation that the task of its own shows."""
    rubric_versions: dict[str, int] = field(default_factory=dict)
    """Stage → the version of its rubric in force."""
    now: datetime = field(default_factory=timezone.now)
    """The time of whatever came without one."""
    _refs: set[str] = field(default_factory=set)
    _was_there: dict[type[models.Model], bool] = field(default_factory=dict)

    def begin_kind(self) -> None:
        """Forget the ids of the kind before: ids are unique within a kind."""
        self._refs = set()

    def shaped(self, lines: Iterable[Line], shape: type[R]) -> list[Entry[R]]:
        """The lines of the right shape; the others are refused."""
        entries: list[Entry[R]] = []
        for line in lines:
            try:
                entries.append(Entry(line, shape.model_validate(line.record)))
            except ShapeError as error:
                self._refuse_shape(line, error)
        return entries

    def refuse(self, entry: Entry[Any], refusal: Refused) -> None:
        """Leave a line out."""
        line = entry.line
        self.faults.add(Fault(line.file, line.number, refusal.field, refusal.reason))

    def taken(self, entries: Iterable[Entry[R]], take: Callable[[Entry[R]], None]) -> None:
        """Take each entry, leaving out those that `take` refuses, and count the others."""
        for entry in entries:
            try:
                take(entry)
                self.counts[entry.record.kind] += 1
            except Refused as refusal:
                self.refuse(entry, refusal)

    def unknown(self, model: type[models.Model], entries: list[Entry[R]]) -> list[Entry[R]]:
        """Those whose id is new to the study and to the files; the others are refused."""
        refs = [entry.record.id for entry in entries]  # type: ignore[attr-defined]
        there = self._known_before(model, refs)
        fresh = []
        for entry, ref in zip(entries, refs, strict=True):
            if ref in self._refs or ref in there:
                self.refuse(entry, Refused("id", TWICE if ref in self._refs else ALREADY_THERE))
            else:
                self._refs.add(ref)
                fresh.append(entry)
        return fresh

    def had(self, model: type[models.Model]) -> bool:
        """Did the study hold rows of this kind before the import?

        Remembered at the first call, which therefore comes before the first insert.
        """
        if model not in self._was_there:
            self._was_there[model] = model._default_manager.filter(study=self.study).exists()
        return self._was_there[model]

    def found(
        self, model: type[models.Model], refs: Iterable[str | None], *fields: str
    ) -> dict[str, tuple[Any, ...]]:
        """The ids of the study's rows of these refs, each with these fields, in one query."""
        wanted = {ref for ref in refs if ref is not None}
        if not wanted:
            return {}
        rows: Any = model._default_manager.filter(among("ref", wanted), study=self.study)
        return {row[0]: row[1:] for row in rows.values_list("ref", "id", *fields)}

    def ids(self, model: type[models.Model], refs: Iterable[str | None]) -> dict[str, Any]:
        """The ids of the study's rows of these refs, in one query."""
        wanted = {ref for ref in refs if ref is not None}
        if not wanted:
            return {}
        rows: Any = model._default_manager.filter(among("ref", wanted), study=self.study)
        return dict(rows.values_list("ref", "id"))

    def _known_before(self, model: type[models.Model], refs: list[str]) -> set[str]:
        if not self.had(model):
            return set()
        return self.ids(model, refs).keys() - self._refs

    def _refuse_shape(self, line: Line, error: ShapeError) -> None:
        for fault in error.errors(include_url=False)[:3]:
            self.faults.add(Fault(line.file, line.number, dotted(fault["loc"]), reason_of(fault)))


def needed(found: Mapping[str, Any], ref: str, place: str) -> Any:
    """What a reference stands for; raises Refused if there is no such row."""
    try:
        return found[ref]
    except KeyError:
        raise Refused(place, f"{printed(ref)} is not there") from None


def optional(found: Mapping[str, Any], ref: str | None, place: str) -> Any:
    """The same where the reference may be left out."""
    return None if ref is None else needed(found, ref, place)


def printed(ref: str) -> str:
    """A foreign id, fit for a message."""
    return f"“{ref if ref.isprintable() else ascii(ref)[1:-1]}”"


def dotted(location: Iterable[str | int]) -> str:
    """A place in a line as people write it: `turns[3].content`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def reason_of(fault: Mapping[str, Any]) -> str:
    """A fault of shape in words."""
    reasons = {"missing": "is missing", "extra_forbidden": "is not a known field"}
    message = reasons.get(fault["type"]) or str(fault["msg"])
    return message.removeprefix("Value error, ").removeprefix("Input ")
