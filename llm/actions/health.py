"""What the outcomes of calls do to an endpoint: its circuit and its lane, shared by all workers.

The circuit says whether the endpoint is asked at all; the lane, how many jobs may be held for it
at once. A call that changes nothing writes nothing.
"""

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Now

from llm.errors import CallFailed, EndpointBroken, HeldBack, Unparseable
from llm.health import FAILURES, Look, Standing, fails_too_often
from llm.models import Endpoint, EndpointHealth
from llm.waiting import LONGEST_ABSENCE, LONGEST_WAIT
from work.actions.lanes import close_lane, narrow, open_lane, set_limit, widen
from work.models import Lane
from work.queue import from_now

logger = logging.getLogger(__name__)

FIRST_LIMIT = 4
"""Jobs held at once for an endpoint of which nothing is known yet."""
OPEN_SECONDS = (30.0, 60.0, 60.0, 60.0, 60.0, 60.0, 120.0, 240.0, 480.0, 600.0)
"""How long the circuit stays open, by how often in a row it was opened.

It doubles up to ten minutes, but rests at one for five: whoever is down for less than that is
found to be up again within a minute.
"""
PROBE_SECONDS = 5.0
"""Beyond the time of a call, until another may probe in place of a probe that vanished."""
PERSON_SECONDS = 60.0
"""After which a job looks again whether a person has closed the circuit."""
UNTOLD_SECONDS = 1.0
"""A server that limits us and does not say for how long is left alone by all for this long."""
Circuit = EndpointHealth.Circuit


def keep_lane(endpoint: Endpoint) -> None:
    """Give the endpoint's lane a limit, if it has none or a larger one than it may have."""
    if endpoint.is_baseline:
        return
    EndpointHealth.objects.get_or_create(endpoint=endpoint)
    now = Lane.objects.filter(pk=endpoint.lane).values_list("limit", flat=True).first()
    limit = min(now or FIRST_LIMIT, endpoint.max_concurrency)
    if limit != now:
        set_limit(lane=endpoint.lane, limit=limit)


# -- Before a question leaves ---------------------------------------------------


def enter(endpoint: Endpoint) -> Standing:
    """Raise `HeldBack` if the endpoint is to be left alone now; else how it stands.

    One query, unless something is wrong. Of those who come when an open circuit's time is over
    one becomes the probe; whatever it meets must be told to `note`, or that it did not leave to
    `abandon_probe`.
    """
    look = Look(endpoint)
    if look.row is None or look.limit is None:
        keep_lane(endpoint)
        look = Look(endpoint)
    assert look.row is not None
    quiet = look.seconds_until(look.row.quiet_until)
    if quiet > 0:
        detail = "the server asked to be left alone for a while"
        raise HeldBack("rate_limited", detail, after_seconds=quiet)
    if look.row.circuit == Circuit.CLOSED:
        return look.standing()
    return _probe(endpoint, look)


def _probe(endpoint: Endpoint, look: Look) -> Standing:
    row = look.row
    assert row is not None
    if row.open_until is None:
        detail = f"a person must close the circuit ({row.reason})"
        raise HeldBack("circuit_open", detail, after_seconds=PERSON_SECONDS)
    wait = look.seconds_until(row.open_until)
    if wait > 0:
        wait = min(wait, PROBE_SECONDS) if row.circuit == Circuit.HALF_OPEN else wait
        raise HeldBack("circuit_open", row.reason, after_seconds=wait)
    seconds = endpoint.timeout + PROBE_SECONDS
    with transaction.atomic():
        over = EndpointHealth.objects.filter(pk=row.pk, open_until__lte=Now())
        is_mine = over.update(
            circuit=Circuit.HALF_OPEN, open_until=from_now(timedelta(seconds=seconds))
        )
        if is_mine:
            # Others would only be claimed to be held back.
            close_lane(lane=endpoint.lane, seconds=seconds, reason="A call probes the endpoint.")
    if not is_mine:
        raise HeldBack("circuit_open", row.reason, after_seconds=PROBE_SECONDS)
    return look.standing(is_probe=True)


@transaction.atomic
def abandon_probe(endpoint: Endpoint, standing: Standing) -> None:
    """The question that was to probe the endpoint did not leave after all: another may."""
    if not standing.is_probe:
        return
    half = EndpointHealth.objects.filter(pk=endpoint.pk, circuit=Circuit.HALF_OPEN)
    if half.update(circuit=Circuit.OPEN, open_until=Now()):
        open_lane(lane=endpoint.lane)


# -- After a call ---------------------------------------------------------------


def note(
    endpoint: Endpoint,
    standing: Standing,
    problem: Exception | None,
    retry_after: float | None = None,
) -> None:
    """Draw the conclusions from how a call ended; None: it was answered.

    `retry_after` is what the server said, in seconds. The call must be concluded before, as the
    ledger is what its circuit goes by.
    """
    outcome = ""
    if isinstance(problem, CallFailed | EndpointBroken | Unparseable):
        outcome = problem.outcome
    if outcome in ("auth", "quota"):
        _open_until_closed(endpoint, outcome)
    elif outcome == "rate_limited":
        _slow_down(endpoint, standing, retry_after)
    elif outcome in FAILURES:
        if retry_after:
            _leave_alone(endpoint, min(retry_after, LONGEST_ABSENCE))
        _note_failure(endpoint, standing, outcome)
        if standing.is_probe and isinstance(problem, CallFailed):
            # It was known to be down; the job did not fail by asking.
            problem.counts = False
    elif standing.is_probe:
        _close(endpoint, Q(circuit=Circuit.HALF_OPEN), "")
    elif not problem:
        _grow(endpoint, standing)


def _grow(endpoint: Endpoint, standing: Standing) -> None:
    """Let one more job be held: per success until it was first slowed down, then per window."""
    limit = standing.limit
    if limit is None or limit >= endpoint.max_concurrency:
        return
    if not standing.was_slowed or random.random() < 1 / limit:
        widen(lane=endpoint.lane, most=endpoint.max_concurrency)


def _note_failure(endpoint: Endpoint, standing: Standing, outcome: str) -> None:
    if standing.is_probe:
        _open(endpoint, Circuit.HALF_OPEN, f"the probe failed: {outcome}")
        return
    reason = fails_too_often(endpoint)
    if reason:
        _open(endpoint, Circuit.CLOSED, reason)


@transaction.atomic
def _open(endpoint: Endpoint, before: EndpointHealth.Circuit, reason: str) -> None:
    """Open the circuit, unless somebody has done so meanwhile."""
    rows = EndpointHealth.objects.select_for_update()
    row = rows.filter(pk=endpoint.pk, circuit=before).first()
    if row is None:
        return
    seconds = OPEN_SECONDS[min(row.trips, len(OPEN_SECONDS) - 1)]
    _set_open(endpoint, reason, seconds, trips=row.trips + 1)


@transaction.atomic
def _open_until_closed(endpoint: Endpoint, outcome: str) -> None:
    _set_open(endpoint, outcome, None)


def _set_open(endpoint: Endpoint, reason: str, seconds: float | None, **changes: int) -> None:
    """Open it; one that waits for a person goes on doing so."""
    rows = EndpointHealth.objects.filter(pk=endpoint.pk)
    until = None if seconds is None else from_now(timedelta(seconds=seconds))
    if until is not None:
        rows = rows.exclude(circuit=Circuit.OPEN, open_until__isnull=True)
    is_opened = rows.update(
        circuit=Circuit.OPEN,
        reason=reason[:200],
        open_until=until,
        changed_at=Now(),
        slowed_at=Now(),
        **changes,
    )
    if not is_opened:
        return
    # Opened first: a probe has closed it for longer than it may now be.
    open_lane(lane=endpoint.lane)
    close_lane(lane=endpoint.lane, seconds=seconds, reason=f"Circuit open: {reason}", limit=1)
    logger.warning("Endpoint %s: circuit open (%s)", endpoint.name, reason)


@transaction.atomic
def _slow_down(endpoint: Endpoint, standing: Standing, retry_after: float | None) -> None:
    """Honour a 429: fewer at once, and none at all until the server's time is over.

    The lane is narrowed once for all the calls that were under way together.
    """
    if retry_after is not None and retry_after > LONGEST_WAIT:
        absence = min(retry_after, LONGEST_ABSENCE)
        _set_open(endpoint, "the server wants to be left alone for long", absence)
        return
    if standing.is_probe:
        half = EndpointHealth.objects.filter(pk=endpoint.pk, circuit=Circuit.HALF_OPEN)
        half.update(circuit=Circuit.OPEN, open_until=Now())
        open_lane(lane=endpoint.lane)
    _leave_alone(endpoint, UNTOLD_SECONDS if retry_after is None else retry_after)
    row = EndpointHealth.objects.select_for_update().get(pk=endpoint.pk)
    if row.slowed_at is None or row.slowed_at < standing.at:
        EndpointHealth.objects.filter(pk=row.pk).update(slowed_at=Now())
        narrow(lane=endpoint.lane)


def _leave_alone(endpoint: Endpoint, seconds: float) -> None:
    if seconds <= 0:
        return
    until = from_now(timedelta(seconds=seconds))
    EndpointHealth.objects.filter(pk=endpoint.pk).update(
        quiet_until=Greatest(Coalesce(F("quiet_until"), Now()), until)
    )
    close_lane(lane=endpoint.lane, seconds=seconds, reason="The server asked to be left alone.")


# -- Closing the circuit --------------------------------------------------------


def close_circuit(*, endpoint: Endpoint, by: str) -> None:
    """Let the endpoint be asked again, one question at first; `by` says that it will answer."""
    _close(endpoint, Q(), f"closed by {by}")


@transaction.atomic
def _close(endpoint: Endpoint, which: Q, reason: str) -> None:
    closed = EndpointHealth.objects.filter(which, pk=endpoint.pk).update(
        circuit=Circuit.CLOSED,
        reason=reason[:200],
        trips=0,
        open_until=None,
        quiet_until=None,
        changed_at=Now(),
        slowed_at=Now(),
    )
    if closed:
        set_limit(lane=endpoint.lane, limit=1)
        open_lane(lane=endpoint.lane)
        logger.warning("Endpoint %s: circuit closed %s", endpoint.name, reason)
