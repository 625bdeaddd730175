"""Every way a question to a model can fail, typed by what its asker should do."""

from uuid import UUID

from work.errors import GiveUp, RetryLater

MAY_BE_ASKED_AGAIN = 2
COUNTED = {"net_connect", "timeout", "server"}
"""Failures that use up an attempt."""


class CallFailed(RetryLater):
    """No answer came, through nobody's lasting fault: ask again later.

    `outcome` is net_connect, timeout, rate_limited, server or quota. A rate limit does not use up
    an attempt, nor does a quota that is spent: its endpoint waits for a person.
    """

    def __init__(self, outcome: str, detail: str, *, after_seconds: float | None = None) -> None:
        super().__init__(
            f"{outcome}: {detail}",
            after_seconds=after_seconds,
            counts=outcome in COUNTED,
        )
        self.outcome = outcome


class HeldBack(CallFailed):
    """The question did not leave, out of regard for the endpoint; no attempt is held against it.

    `outcome` is circuit_open, rate_limited (the server asked to be left alone), paced (the
    requests or tokens of a minute are spent), repeats (too many of the endpoint's questions are
    repeated ones) or full (a job of another lane asked while as many are on their way as the
    endpoint's lane lets in); in front of a person also budget.
    """


class EndpointBroken(GiveUp):
    """The endpoint will refuse this again until a person changes something.

    `outcome` is auth, bad_request, address_refused, redirect_refused or no_baseline.
    """

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome


class Unparseable(Exception):
    """An answer came and cannot be used; it is in the ledger as it came.

    `outcome` is malformed, empty, truncated, cut, too_large or invalid_value; `raw` is the
    model's text, or the whole body when no text could be found in it. `is_final` says that this
    job has had its share of repeated questions: record the answer as unusable.
    """

    def __init__(
        self,
        outcome: str,
        detail: str,
        *,
        raw: str = "",
        call_id: UUID | None = None,
        is_final: bool = False,
    ) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail
        self.raw = raw
        self.call_id = call_id
        self.is_final = is_final


class Refused(Exception):
    """The model, or its provider's filter, declined to answer: a valid observation, not retried."""

    outcome = "refused"

    def __init__(self, detail: str, *, raw: str = "", call_id: UUID | None = None) -> None:
        super().__init__(f"refused: {detail}")
        self.detail = detail
        self.raw = raw
        self.call_id = call_id


class FormatRefused(Exception):
    """The server does not take this `response_format`; the next rung of the ladder is tried."""
