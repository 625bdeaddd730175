"""What an HTTP status other than 200 means for the job that asked."""

from llm.errors import CallFailed, EndpointBroken
from llm.exchange import Reply
from llm.waiting import LONGEST_WAIT

TRANSIENT = {408, 409, 425, 529}
# Without a word from the server, a rate limit is given this long.
UNTOLD_WAIT = 5.0


def problem_with(reply: Reply) -> CallFailed | EndpointBroken | None:
    """The error to raise, or None for a 2xx. Never quotes the body: it may repeat the prompt."""
    status = reply.status
    if 200 <= status < 300:
        return None
    detail = f"HTTP {status}"
    if 300 <= status < 400:
        return EndpointBroken("redirect_refused", detail)
    if status == 429:
        return _limited(reply, detail)
    if status in (401, 403):
        return EndpointBroken("auth", detail)
    if status in TRANSIENT or status >= 500:
        return CallFailed("server", detail, after_seconds=_bounded(reply.retry_after))
    return EndpointBroken("bad_request", detail)


def _limited(reply: Reply, detail: str) -> CallFailed:
    if "insufficient_quota" in reply.body:
        return CallFailed("quota", detail)
    wait = UNTOLD_WAIT if reply.retry_after is None else _bounded(reply.retry_after)
    return CallFailed("rate_limited", detail, after_seconds=wait)


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, LONGEST_WAIT)
