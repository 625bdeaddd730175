"""What passes between the queue and those who ask for work or do it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from work.models import Run

GIVE_UP_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Plan:
    """A job to be enqueued.

    `key` names the work: equal keys (of one kind and scope) are one job. It must hold whatever
    makes the result different: ids and content digests of the inputs, prompt version, model,
    parameters, sample. `payload` holds ids only. `subject` is the participant whom it is about,
    `lane` what many jobs share (see `Lane`).
    """

    kind: str
    key: Mapping[str, Any]
    payload: Mapping[str, Any]
    scope: str
    run: Run | None = None
    subject: UUID | None = None
    priority: int = 5
    max_attempts: int = 8
    give_up_after: timedelta = GIVE_UP_AFTER
    lane: str = ""


@dataclass(frozen=True)
class Claim:
    """The right to do a job, good until its lease ends; `attempt` is the fence.

    `lease_seconds` is how long each beginning of the lease holds; None means as the settings say.
    `since` is when it was made, on this process' own clock. `lane` is the job's.
    """

    job_id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    scope: str
    subject: UUID | None
    run_id: UUID | None
    lease_seconds: int | None = None
    lane: str = ""
    since: float = field(default_factory=time.monotonic, compare=False)
