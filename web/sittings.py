"""A sitting: what somebody answers of a stage until they take a break.

How much that is, is counted from what is stored, whatever browser it came from. The browser's
session keeps from when on it counts, if they went on at once, and what was sent last.
"""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from annotation.actions.tasks import stage_section
from annotation.models import Assignment, Rater
from annotation.sittings import answered_since_break, last_answered_at
from studies.models import Study
from web.ahead import Ahead

SITTINGS = "sittings"
MOST_STAGES = 20
"""Of one session; the oldest are dropped and begin anew."""


def size_of(study: Study, stage: str) -> int | None:
    """So many tasks make a sitting; None where the study asks for no breaks."""
    size = (stage_section(study, stage) or {}).get("session")
    return int(size) if size else None


def is_over(session: SessionBase, study: Study, stage: str, rater: Rater) -> bool:
    """Is it time for a break? One query where the study asks for breaks."""
    size = size_of(study, stage)
    if size is None:
        return False
    begun = _sitting(session, study, stage).get("begun")
    after = datetime.fromisoformat(begun) if begun else None
    return answered_since_break(rater=rater, stage=stage, most=size, after=after) >= size


def begin(session: SessionBase, study: Study, stage: str, rater: Rater) -> None:
    """They go on after a break."""
    begun = last_answered_at(rater=rater, stage=stage)
    said = {"begun": begun.isoformat() if begun else None}
    _keep(session, study, stage, _sitting(session, study, stage) | said)


def note_sent(session: SessionBase, place: Assignment, *, is_changeable: bool) -> None:
    """One more task was answered."""
    sitting = _sitting(session, place.study, place.stage)
    said = sitting | {"last": str(place.pk) if is_changeable else ""}
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
    return found or {"last": ""}


def _keep(session: SessionBase, study: Study, stage: str, sitting: dict[str, Any]) -> None:
    kept = dict(session.get(SITTINGS, {}))
    kept.pop(_name(study, stage), None)
    kept[_name(study, stage)] = sitting
    session[SITTINGS] = dict(list(kept.items())[-MOST_STAGES:])


def _name(study: Study, stage: str) -> str:
    return f"{study.pk}:{stage}"
