"""How much room an answer is given: more, where the same question's answer was cut short by it.

To ask again with the same limit would only be paid for again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llm.errors import Unparseable
from llm.ledger import Question
from llm.models import LIMITS, Call

TRUNCATED = "truncated"
TIMES = 2
"""How much longer the next answer may be."""


def with_room(question: Question) -> Question:
    """The question with room enough to be worth asking, after what its job got to it before.

    It keeps its digest: it is the same question, and repeating it counts as that. Raises
    `Unparseable` for good where an earlier answer was cut short and no more room may be given.
    """
    earlier = _cut_short(question)
    last = _limit_in(earlier.params) if earlier else None
    if earlier is None or last is None:
        return question
    if not is_more_left(question, earlier.params):
        detail = "the answer reached the token limit"
        raise Unparseable(TRUNCATED, detail, call_id=earlier.pk, is_final=True)
    limit = _planned(question)
    if limit is None or limit > last:
        return question
    wider = min(TIMES * last, question.endpoint.max_output_tokens or TIMES * last)
    return replace(question, prompt=replace(question.prompt, max_tokens=wider))


def _cut_short(question: Question) -> Call | None:
    """The call of an earlier attempt whose answer had the most room, and not enough."""
    claim = question.claim
    if claim is None or claim.attempt == 1:
        return None
    calls = Call.objects.filter(job_id=claim.job_id, request_digest=question.digest)
    cut = list(calls.filter(state=Call.State.ERROR, outcome=TRUNCATED))
    return max(cut, key=lambda call: _limit_in(call.params) or 0, default=None)


def is_more_left(question: Question, params: Mapping[str, Any]) -> bool:
    """Whether the next answer may be longer than one that was asked for with these parameters.

    Where no limit was sent, only the server knows, and it is asked again.
    """
    last, endpoint = _limit_in(params), question.endpoint
    limit = _planned(question)
    if last is None or limit is None or limit > last:
        return True
    if _limit_in(endpoint.extra_params) is not None:
        return False
    most = endpoint.max_output_tokens
    return most is None or most > last


def _planned(question: Question) -> int | None:
    """The limit that is sent unless more is needed; what the endpoint always sends stands."""
    endpoint = question.endpoint
    fixed = _limit_in(endpoint.extra_params)
    return fixed or question.prompt.max_tokens or endpoint.max_output_tokens


def _limit_in(params: Mapping[str, Any]) -> int | None:
    found = [params.get(name) for name in LIMITS]
    return next((limit for limit in found if isinstance(limit, int) and limit > 0), None)
