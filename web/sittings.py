"""A sitting: how many tasks of a stage somebody has answered since they last took a break.

It is kept in the browser's session: who comes back another day begins a new one.
"""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from annotation.actions.tasks import stage_section
from annotation.models import Assignment
from studies.models import Study
from web.ahead import Ahead

SITTINGS = "sittings"
MOST_STAGES = 20
"""Of one session; the oldest are dropped and begin anew."""


def size_of(study: Study, stage: str) -> int | None:
    """So many tasks make a sitting; None where the study asks for no breaks."""
    size = (stage_section(study, stage) or {}).get("session")
    return int(size) if size else None


def is_over(session: SessionBase, study: Study, stage: str) -> bool:
    """Is it time for a break?"""
    size = size_of(study, stage)
    return size is not None and bool(_sitting(session, study, stage)["tasks"] >= size)


def begin(session: SessionBase, study: Study, stage: str) -> None:
    """They go on after a break."""
    _keep(session, study, stage, {**_sitting(session, study, stage), "tasks": 0})


def note_sent(session: SessionBase, place: Assignment, *, is_changeable: bool) -> None:
    """One more task was answered."""
    sitting = _sitting(session, place.study, place.stage)
    said = {"tasks": sitting["tasks"] + 1, "last": str(place.pk) if is_changeable else ""}
    if ahead := sitting.get("ahead"):
        said["ahead"] = Ahead(**ahead).after_one().kept()
    _keep(session, place.study, place.stage, said)


def note_skipped(session: SessionBase, study: Study, stage: str) -> None:
    """What waits has changed in a way that only counting tells."""
    note_ahead(session, study, stage, None)


def note_ahead(
    session: SessionBase, study: Study, stage: str, ahead: dict[str, Any] | None
) -> None:
    """How far they are, as it was counted just now."""
    _keep(session, study, stage, {**_sitting(session, study, stage), "ahead": ahead})


def ahead_in(session: SessionBase, study: Study, stage: str) -> dict[str, Any] | None:
    """How far they are, as it was counted last."""
    ahead: dict[str, Any] | None = _sitting(session, study, stage).get("ahead")
    return ahead


def last_sent(session: SessionBase, study: Study, stage: str) -> str:
    """The place answered last in this sitting, by its id; empty: none that could be changed."""
    return str(_sitting(session, study, stage)["last"])


def _sitting(session: SessionBase, study: Study, stage: str) -> dict[str, Any]:
    found: dict[str, Any] | None = session.get(SITTINGS, {}).get(_name(study, stage))
    return found or {"tasks": 0, "last": ""}


def _keep(session: SessionBase, study: Study, stage: str, sitting: dict[str, Any]) -> None:
    kept = dict(session.get(SITTINGS, {}))
    kept.pop(_name(study, stage), None)
    kept[_name(study, stage)] = sitting
    session[SITTINGS] = dict(list(kept.items())[-MOST_STAGES:])


def _name(study: Study, stage: str) -> str:
    return f"{study.pk}:{stage}"
