"""One line in the log for every attempt at a job that came to its end, whoever made it."""

import logging
import time

from work.claims import Claim
from work.traces import noted

logger = logging.getLogger(__name__)


def report(claim: Claim, outcome: str, reason: str = "") -> None:
    """Say what became of an attempt: `outcome` of the result, or the state a failed job is in.

    `reason` is a failure's own sentence, which quotes nobody.
    """
    facts = {
        "kind": claim.kind,
        "outcome": outcome,
        "attempt": claim.attempt,
        "ms": round((time.monotonic() - claim.since) * 1000),
    }
    with noted(job_id=claim.job_id, run_id=claim.run_id):
        logger.info("Job %s%s", outcome, f": {reason}" if reason else "", extra=facts)
