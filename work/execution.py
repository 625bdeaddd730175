"""The edge of a job: call its handler and record whatever comes of it."""

import logging

from django.db import DatabaseError, transaction

from work import queue, registry
from work.claims import Claim
from work.connections import renew_connections
from work.errors import GiveUp, Hold, LateClaim, RetryLater
from work.traces import noted

logger = logging.getLogger(__name__)


class Unfinished(Exception):
    """The handler returned without finishing its job: a mistake in the handler."""


def do_next(owner: str, kinds: list[str] | None = None) -> bool:
    """Claim one job and do it; False when there was none to take."""
    renew_connections()
    claim = queue.claim(owner, kinds)
    if claim is None:
        return False
    execute(claim)
    return True


def execute(claim: Claim) -> None:
    """Do a claimed job. Never raises: what went wrong is in the job's row and in the log."""
    with noted(job_id=claim.job_id, run_id=claim.run_id):
        try:
            registry.handler_for(claim.kind)(claim)
            if queue.is_held(claim):
                raise Unfinished("The handler returned without finishing.")
        except LateClaim as late:
            _come_late(claim, late)
        except Exception as error:
            _record_failure(claim, error)


def _record_failure(claim: Claim, error: Exception) -> None:
    if not isinstance(error, RetryLater | GiveUp | Hold):
        logger.error("%s %s failed", claim.kind, claim.job_id, exc_info=error)
    try:
        queue.fail(claim, error)
    except LateClaim as late:
        _come_late(claim, late)
    except DatabaseError:
        # The lease will run out, and the next holder starts from there.
        logger.exception("%s %s: its failure could not be recorded", claim.kind, claim.job_id)


def _come_late(claim: Claim, late: LateClaim) -> None:
    logger.warning("%s %s: %s", claim.kind, claim.job_id, late)
    try:
        with transaction.atomic():
            for hook in registry.late_hooks():
                hook(claim.job_id, claim.attempt)
    except DatabaseError:
        logger.exception("%s %s: coming late could not be recorded", claim.kind, claim.job_id)
