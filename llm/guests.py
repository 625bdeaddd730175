"""Questions to an endpoint from jobs of another lane: they wait for room, one by one.

A claim counts the jobs of its own lane only. What a job asks of further endpoints (other policies
of an ensemble, vectors, a verifier) is counted here, when the question is about to leave.
"""

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models.functions import Now

from llm.errors import HeldBack
from llm.models import Call
from work.lanes import limit_of

if TYPE_CHECKING:
    from llm.ledger import Question

SECONDS_UNTIL_ROOM = (0.5, 1.5)
LOST_AFTER = timedelta(seconds=60)
"""After its timeout a call that is still open has no worker any more, and takes no room."""


def check_room(question: "Question", *, is_locked: bool = False) -> None:
    """Raise `HeldBack` if as many questions are on their way to the endpoint as its lane lets in.

    Not for jobs of the endpoint's own lane, which the claim has counted; for them nothing is read.
    Exact if the lane is locked, in the transaction that opens the call.
    """
    claim, endpoint = question.claim, question.endpoint
    if claim is None or not endpoint.lane or claim.lane == endpoint.lane:
        return
    limit = limit_of(endpoint.lane, is_locked=is_locked)
    if limit is None:
        return
    since = Now() - (timedelta(seconds=endpoint.timeout) + LOST_AFTER)
    open_calls = Call.objects.open().filter(endpoint=endpoint, finished_at__isnull=True)
    if open_calls.filter(started_at__gt=since).count() >= limit:
        detail = f"as many questions as {endpoint.name} takes at once are on their way to it"
        raise HeldBack("full", detail, after_seconds=random.uniform(*SECONDS_UNTIL_ROOM))
