"""The ways an answer goes wrong, by name: how each is played, and the outcome it must end in.

Each is a way in which servers and networks are known to fail, with its variants. A case answers a
question for a score from 1 to 5 (`SCORE`), unless it says that it is about something else.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from bench.fakellm import lies
from bench.fakellm.replies import DONE, Answer, Scripted, chunk, completion

GOOD = '{"score": 4}'
HALF = '{"sco'
ELSEWHERE = "http://127.0.0.1:9/v1/chat/completions"


class Fate(StrEnum):
    """What becomes of the job that asked."""

    DONE = "done"
    """It has its result."""
    AGAIN = "again"
    """It is tried again; the attempt is used."""
    LATER = "later"
    """It is tried again when the endpoint said; no attempt is used."""
    ENDS = "ends"
    """It is not tried again: asking the same would bring the same."""
    PERSON = "person"
    """It waits until a person has mended the endpoint; no attempt is used."""


class Bill(StrEnum):
    """What the ledger must assume that the provider charges."""

    NO = "no"
    """The request was not taken on."""
    MAYBE = "maybe"
    """Nobody knows: what was set aside for it counts as spent."""
    YES = "yes"
    """An answer came."""


class About(StrEnum):
    """The question that a case answers."""

    SCORE = "score"
    STREAM = "stream"
    """For a text that is read while it is written."""
    RELEVANCE = "relevance"
    """For decisions about notes by their ids."""
    EXTRACTION = "extraction"
    """For attributes with quotes."""
    ADDRESS = "address"
    """Any; the server is not even reached. `reply` is then of no use."""


@dataclass(frozen=True)
class Case:
    """One way to answer wrongly. `flags` are those of a call that is accepted all the same.

    `reply` plays it, or, where it depends on the question, `answer` computes it.
    """

    outcome: str
    fate: Fate
    bill: Bill
    reply: Callable[[], Scripted] = Scripted
    about: About = About.SCORE
    flags: tuple[str, ...] = ()
    answer: Answer | None = None


def case_named(name: str) -> Case:
    """The case of this name; raises ValueError with a sentence if there is none."""
    if name not in CASES:
        raise ValueError(f"There is no case {name!r}; there are {', '.join(CASES)}.")
    return CASES[name]


def fault_called(name: str) -> Scripted | Answer:
    """One reply, or what computes it, for a status ("503"), "hang", "cut", or a case's name."""
    if name.isdigit():
        return Scripted(int(name), {"error": {"message": f"made up: HTTP {name}"}})
    shorter = {"hang": "never_answered", "cut": "cut_json"}
    case = case_named(shorter.get(name, name))
    return case.answer or case.reply()


# -- How they are made ---------------------------------------------------------


def _status(status: int, error: Any = None, **headers: str) -> Callable[[], Scripted]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: Scripted(status, {"error": error or {}}, named)


def _body(body: Any, content_type: str = "application/json") -> Callable[[], Scripted]:
    return lambda: Scripted(200, body, {"Content-Type": content_type})


def _says(content: Any, **changes: Any) -> Callable[[], Scripted]:
    return lambda: Scripted(body=completion(content, **changes))


def _streams(*parts: str | float, cut: bool = False) -> Callable[[], Scripted]:
    return lambda: Scripted(body=list(parts), cut=cut)


def _until_tomorrow() -> Scripted:
    moment = datetime.now(UTC) + timedelta(seconds=90)
    return Scripted(429, {"error": {}}, {"Retry-After": format_datetime(moment, usegmt=True)})


def _bomb() -> Scripted:
    packed = gzip.compress(json.dumps(completion("x" * 20_000_000)).encode())
    return Scripted(200, packed, {"Content-Encoding": "gzip"})


def _without_usage() -> Scripted:
    body = completion(GOOD)
    del body["usage"]
    return Scripted(body=body)


def _again(outcome: str, reply: Callable[[], Scripted], bill: Bill = Bill.YES) -> Case:
    return Case(outcome, Fate.AGAIN, bill, reply)


def _limited(retry_after: str | None) -> Case:
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return Case("rate_limited", Fate.LATER, Bill.NO, _status(429, **headers))


def _ends(outcome: str, reply: Callable[[], Scripted], bill: Bill = Bill.NO) -> Case:
    return Case(outcome, Fate.ENDS, bill, reply)


def _accepted(reply: Callable[[], Scripted], *flags: str, outcome: str = "ok") -> Case:
    return Case(outcome, Fate.DONE, Bill.YES, reply, flags=flags)


def _stream(outcome: str, *parts: str | float, cut: bool = False) -> Case:
    fate = Fate.DONE if outcome == "ok" else Fate.AGAIN
    bill = Bill.YES if outcome == "ok" else Bill.MAYBE
    return Case(outcome, fate, bill, _streams(*parts, cut=cut), About.STREAM)


def _lie(about: About, answer: Answer) -> Case:
    return Case("invalid_value", Fate.AGAIN, Bill.YES, about=about, answer=answer)


def _unreached() -> Case:
    return Case("net_connect", Fate.AGAIN, Bill.NO, about=About.ADDRESS)


# -- The cases -----------------------------------------------------------------

_HALF, _END = chunk("Half"), chunk(finish_reason="stop")

CASES: dict[str, Case] = {
    # The server can't be reached.
    "connection_refused": _unreached(),
    "unknown_host": _unreached(),
    "no_tls": _unreached(),
    # It takes too long.
    "never_answered": _again("timeout", lambda: Scripted(hangs=True), Bill.MAYBE),
    "idle": _again("timeout", _streams('{"choices', 3600.0), Bill.MAYBE),
    "dripping": _again("timeout", lambda: Scripted(body=completion(GOOD), drip=0.02), Bill.MAYBE),
    # It has been asked too often.
    "limited_seconds": _limited("30"),
    "limited_date": Case("rate_limited", Fate.LATER, Bill.NO, _until_tomorrow),
    "limited_milliseconds": Case(
        "rate_limited", Fate.LATER, Bill.NO, _status(429, retry_after_ms="1500")
    ),
    "limited_zero": _limited("0"),
    "limited_negative": _limited("-1"),
    "limited_nan": _limited("NaN"),
    "limited_for_decades": _limited("1000000000"),
    "limited_untold": _limited(None),
    "no_quota": Case("quota", Fate.PERSON, Bill.NO, _status(429, {"code": "insufficient_quota"})),
    # It does not want us, or the question.
    "unauthorized": _ends("auth", _status(401, {"message": "Incorrect API key: sk-fake"})),
    "forbidden": _ends("auth", _status(403)),
    "too_long_context": _ends("bad_request", _status(400, {"code": "context_length_exceeded"})),
    "unknown_model": _ends("bad_request", _status(404, {"code": "model_not_found"})),
    "unprocessable": _ends("bad_request", _status(422)),
    # It is not well.
    **{
        f"status_{status}": _again("server", _status(status), Bill.NO)
        for status in (408, 409, 500, 502, 503, 504, 529)
    },
    # It sends something else, or half of it.
    "web_page": _again("malformed", _body("<html>Sign in</html>", "text/html")),
    "empty_body": _again("malformed", _body("")),
    "no_content": _again("malformed", lambda: Scripted(204, "")),
    "truncated_json": _again("malformed", _body('{"choices": [')),
    "cut_json": _again("cut", lambda: Scripted(body=completion(GOOD), cut=True)),
    "cut_chunks": _again("cut", _streams('{"choices": [', cut=True)),
    # It says nothing.
    "no_choices": _again("empty", _body({"object": "chat.completion"})),
    "choices_empty": _again("empty", _body({"choices": []})),
    "content_null": _again("empty", _says(None)),
    # It stops early, or declines.
    # Where the endpoint's own limit was sent there is no more room to ask again with.
    "token_limit": _ends("truncated", _says(GOOD, finish_reason="length"), Bill.YES),
    "content_filter": _accepted(_says("", finish_reason="content_filter"), outcome="refused"),
    "refusal": _accepted(_says(None, refusal="I would rather not."), outcome="refused"),
    # A stream does not come to its end.
    "stream_unended": _stream("cut", _HALF),
    "stream_cut": _stream("cut", _HALF, cut=True),
    "stream_error": _stream("cut", _HALF, 'data: {"error": {"message": "overloaded"}}\n\n'),
    "stream_twice": _stream("cut", _HALF, _END, _HALF, DONE),
    "stream_comments": _stream("cut", *[": keep-alive\n\n"] * 3),
    # The text holds its JSON in a strange way; what is strange but plain is read.
    "fenced": _accepted(_says(f"```json\n{GOOD}\n```")),
    "prose_before": _accepted(_says(f"Sure, here it is: {GOOD}")),
    "byte_order_mark": _accepted(_says(f"\ufeff{GOOD}")),
    "trailing_comma": _again("malformed", _says('{"score": 4,}')),
    "single_quotes": _again("malformed", _says("{'score': 4}")),
    "not_a_number": _again("malformed", _says('{"score": NaN}')),
    "infinity": _again("malformed", _says('{"score": Infinity}')),
    "key_twice": _again("malformed", _says('{"score": 4, "score": 5}')),
    "lone_surrogate": _again("malformed", _says('{"score": 4, "why": "\ud800"}')),
    "nul": _again("malformed", _says('{"score": 4, "why": "\\u0000"}')),
    "nested": _again("malformed", _says("[" * 1_000_000)),
    # The JSON is no answer.
    **{
        f"score_{name}": _again("invalid_value", _says(f'{{"score": {value}}}'))
        for name, value in {
            "fraction": '"8/10"',
            "too_high": "11",
            "negative": "-1",
            "true": "true",
            "full_width": '"８"',
            "null": "null",
            "array": "[4]",
        }.items()
    },
    "unknown_ids": _lie(About.RELEVANCE, lies.unknown_ids),
    "duplicated_ids": _lie(About.RELEVANCE, lies.duplicated_ids),
    "missing_ids": _lie(About.RELEVANCE, lies.missing_ids),
    "absent_quotes": _lie(About.EXTRACTION, lies.absent_quotes),
    # It is an answer, with something odd beside it.
    "another_every_time": Case("ok", Fate.DONE, Bill.YES, answer=lies.another_every_time),
    "another_model": _accepted(_says(GOOD, model="another"), "model_mismatch"),
    "no_usage": _accepted(_without_usage, "usage_estimated"),
    "absurd_usage": _accepted(
        _says(GOOD, usage={"prompt_tokens": -1, "completion_tokens": 10**18}), "usage_estimated"
    ),
    # It is too much.
    "three_megabytes": _ends("too_large", _says("x" * 3_000_000), Bill.YES),
    "ten_megabyte_line": _ends("too_large", _body("x" * 10_000_000), Bill.YES),
    "gzip_bomb": _ends("too_large", _bomb, Bill.YES),
    # It is elsewhere.
    **{
        f"moved_{status}": _ends("redirect_refused", _status(status, Location=ELSEWHERE))
        for status in (301, 302, 307)
    },
}
