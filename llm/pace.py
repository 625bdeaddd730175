"""The pace of an endpoint: requests and tokens of a minute, by all workers together.

Who wants to ask reserves the next free moment and sleeps until it comes: the generic cell rate
algorithm (ITU-T I.371, annex A), once in requests and once in tokens, kept in Redis by one script,
and in the database while Redis does not answer. A worker that loses Redis while others still reach
it keeps its own count; then up to twice the pace is possible for as long as they disagree.

When Redis forgets (FLUSHALL, a restart without its file), each process tells it the newest moment
that it knows of with its next question. What leaves too early is then at most what others reserved
after that moment and before they ask again: where all are busy a turn or so for each process, and
where nobody who asks has asked before, the turns of `LONGEST_SLEEP`, `LIVE_LEAD` and one question.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from llm import newest
from llm.actions import pacing
from llm.errors import HeldBack
from llm.exchange import Prompt, length_of
from llm.models import Endpoint
from llm.protocols.schemas import Schema
from work import queue
from work.actions.lanes import close_lane
from work.claims import Claim

if TYPE_CHECKING:
    from redis import Redis  # loaded by who asks: it takes a tenth of each start

LONGEST_SLEEP = 10.0
"""Seconds that a job waits for its turn in a worker's hands; beyond, it goes back."""
LIVE_LEAD = 5.0
"""Seconds by which somebody who waits for a reply goes before jobs that have reserved already."""
LIVE_SLEEP = 5.0
BURST = 0.5
"""Seconds by which one may come early, so that nothing is lost to those who come a bit late."""
REDIS_SECONDS = 0.15
"""In which Redis must answer."""
PAUSE = 5.0
"""Seconds in which a Redis that did not answer is not asked again."""
UNLIMITED_ANSWER = 1000
"""Tokens reckoned for an answer whose length nothing limits."""
CHARACTERS_PER_TOKEN = 4
MICRO = 1_000_000

IN_DATABASE = 0
"""The mark of moments kept in the endpoint's row; Redis marks a key by when it was made."""

RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local tolerance, longest = tonumber(ARGV[1]), tonumber(ARGV[2])
local free, mark, start = {}, {}, now
for i, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'busy', 'mark')
  free[i], mark[i] = tonumber(kept[1] or 0), tonumber(kept[2] or now)
  if mark[i] ~= tonumber(ARGV[3 * i + 2]) then
    free[i] = math.max(free[i], now + tonumber(ARGV[3 * i + 1]))
  end
  start = math.max(start, free[i] - tolerance)
end
local is_free = start - now <= longest
local answer = {is_free and 1 or 0, start - now}
for i, key in ipairs(KEYS) do
  local busy = free[i]
  if is_free then
    busy = math.max(busy, start) + tonumber(ARGV[3 * i])
  end
  local lasting = math.max(0, math.ceil((busy - now) / 1000)) + 60000
  local busy_text, mark_text = string.format('%.0f', busy), string.format('%.0f', mark[i])
  redis.call('HSET', key, 'busy', busy_text, 'mark', mark_text)
  redis.call('PEXPIRE', key, string.format('%.0f', lasting))
  table.insert(answer, busy - now)
  table.insert(answer, mark[i])
end
return answer
"""
GIVE_BACK = """
local busy = redis.call('HGET', KEYS[1], 'busy')
if busy then
  redis.call('HSET', KEYS[1], 'busy', string.format('%.0f', busy - tonumber(ARGV[1])))
end
"""


@dataclass(frozen=True)
class Turn:
    """What is asked for: how long it keeps an endpoint busy, in seconds, by requests and tokens.

    None: nothing is limited. `lead` is by how much it may come before its turn.
    """

    requests: float | None
    tokens: float | None
    lead: float
    longest: float

    @property
    def limited(self) -> dict[str, float]:
        """Those that are limited, by name."""
        both = {"requests": self.requests, "tokens": self.tokens}
        return {name: seconds for name, seconds in both.items() if seconds is not None}


def tokens_of(endpoint: Endpoint, prompt: Prompt, schema: Schema | None) -> int:
    """What a question is reckoned to take, answer included."""
    answer = prompt.max_tokens or endpoint.max_output_tokens or UNLIMITED_ANSWER
    return length_of(prompt, schema) // CHARACTERS_PER_TOKEN + answer


def wait_for_turn(endpoint: Endpoint, tokens: int, claim: Claim | None = None) -> None:
    """Sleep until one more question of so many tokens may leave.

    Raises `HeldBack` if that would be long; the lane is closed until it is less so. Outside of
    any transaction. A job's lease begins anew before a longer sleep.
    """
    if not endpoint.is_paced:
        return
    longest = min(LONGEST_SLEEP, settings.JOB_LEASE_SECONDS / 3)
    is_free, wait = _reserved(endpoint, _turn(endpoint, tokens, BURST, longest))
    if not is_free:
        later = wait - longest / 2
        close_lane(lane=endpoint.lane, seconds=later, reason="The minute's share is spent.")
        raise HeldBack("paced", "the share of a minute is spent", after_seconds=later)
    if claim is not None and wait > 1.0:
        queue.extend(claim)
    time.sleep(wait)


def live_turn(endpoint: Endpoint, tokens: int) -> float:
    """How many seconds a person's question must wait; raises `HeldBack` if that would be long.

    It goes before jobs that wait for their turn, which come the later for it.
    """
    if not endpoint.is_paced:
        return 0.0
    is_free, wait = _reserved(endpoint, _turn(endpoint, tokens, LIVE_LEAD, LIVE_SLEEP))
    if not is_free:
        raise HeldBack("paced", "the share of a minute is spent", after_seconds=wait)
    return wait


def give_back(endpoint: Endpoint, tokens: int) -> None:
    """So many tokens fewer were needed than were reckoned; a negative number: more."""
    seconds = tokens * 60 / endpoint.tokens_per_minute if endpoint.tokens_per_minute else 0.0
    if not seconds:
        return
    newest.spare(_key(endpoint, "tokens"), seconds)
    try:
        _asked(GIVE_BACK, 1, _key(endpoint, "tokens"), _micro(seconds))
    except Silent:
        pacing.give_back(endpoint, timedelta(seconds=seconds))


def _turn(endpoint: Endpoint, tokens: int, lead: float, longest: float) -> Turn:
    requests = 60 / endpoint.requests_per_minute if endpoint.requests_per_minute else None
    spent = tokens * 60 / endpoint.tokens_per_minute if endpoint.tokens_per_minute else None
    return Turn(requests, spent, lead, longest)


# -- Where it is kept -----------------------------------------------------------


class Silent(Exception):
    """Redis did not answer, or not a moment ago and is not asked yet."""


_making = threading.Lock()
_made: "dict[str, Redis]" = {}
_asked_again_at = 0.0


def _reserved(endpoint: Endpoint, turn: Turn) -> tuple[bool, float]:
    """Whether a turn was reserved, and how many seconds it is away."""
    try:
        return _reserved_in_redis(endpoint, turn)
    except Silent:
        return _reserved_in_database(endpoint, turn)


def _reserved_in_redis(endpoint: Endpoint, turn: Turn) -> tuple[bool, float]:
    arguments = [_micro(turn.lead), _micro(turn.longest)]
    keys = {_key(endpoint, name): seconds for name, seconds in turn.limited.items()}
    for key, seconds in keys.items():
        known, mark = newest.ahead(key)
        arguments += [_micro(seconds), _micro(known), str(mark)]
    # Before it is asked, so that what is noted is never later than what it keeps.
    began = time.monotonic()
    answer = _asked(RESERVE, len(keys), *keys, *arguments)
    for key, busy, mark in zip(keys, answer[2::2], answer[3::2], strict=True):
        newest.note(key, began + busy / MICRO, mark)
    return answer[0] == 1, max(0.0, answer[1] / MICRO)


def _reserved_in_database(endpoint: Endpoint, turn: Turn) -> tuple[bool, float]:
    known = {name: newest.ahead(_key(endpoint, name)) for name in turn.limited}
    told = {name: seconds for name, (seconds, mark) in known.items() if mark != IN_DATABASE}
    began = time.monotonic()
    wait, busy = pacing.reserve(endpoint, turn, told)
    for name, seconds in busy.items():
        newest.note(_key(endpoint, name), began + seconds, IN_DATABASE)
    return wait <= turn.longest, wait


def _micro(seconds: float) -> str:
    return str(round(seconds * MICRO))


def _asked(script: str, keys: int, *arguments: str) -> list[int]:
    """Run a script; raises `Silent` if nothing comes in time, and at once for a while after."""
    from redis.exceptions import RedisError

    global _asked_again_at
    if time.monotonic() < _asked_again_at:
        raise Silent
    try:
        answer: list[int] = _client().eval(script, keys, *arguments)
    except RedisError as error:
        _asked_again_at = time.monotonic() + PAUSE
        raise Silent from error
    return answer


def _client() -> "Redis":
    """One for all threads of the process."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    address: str = settings.CACHES["default"]["LOCATION"]
    with _making:
        if address not in _made:
            _made[address] = Redis.from_url(
                address,
                socket_connect_timeout=REDIS_SECONDS,
                socket_timeout=REDIS_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        return _made[address]


def _key(endpoint: Endpoint, name: str) -> str:
    return f"pace:{{{endpoint.pk}}}:{name}"
