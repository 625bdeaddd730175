"""A worker that dies between the questions of one job: the next one buys none of them twice."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now

from bench.fakellm.server import FakeLlm
from generation.actions.runs import plan_run
from generation.handlers.responses import respond
from generation.interview import Interview
from generation.models import Response
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call, Endpoint
from studies.models import Study
from tests.generation.machine import served, work_off
from tests.generation.strategies.people import ask_for
from work import queue
from work.claims import Claim
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

ENSEMBLE = {"name": "ensemble", "policies": [{"endpoint": "policy"}], "samples": 3}
SEARCH = {"name": "retrieved:hybrid", "embeddings": "vectors"}


class Killed(BaseException):
    """The process is gone: nothing catches it, nothing is written after it."""


@pytest.fixture
def endpoint(study: Study, server: FakeLlm) -> Endpoint:
    """Anna alone, and all endpoints that the strategies name."""
    study.participants.get(ref="bela").delete()
    vectors = Endpoint.Protocol.EMBEDDINGS
    ensure_endpoint(name="vectors", base_url=server.url, model="words", protocol=vectors)
    ensure_endpoint(name="policy", base_url=server.url, model="policy")
    return served(server)


def die_before(monkeypatch: pytest.MonkeyPatch, count: int, claim: Claim) -> None:
    """Do the job until it is about to ask its question of this number, and die there."""
    asked = Counter[str]()
    with monkeypatch.context() as patch:
        for name in ("ask", "embed"):
            patch.setattr(Interview, name, _fatal(getattr(Interview, name), asked, count))
        with pytest.raises(Killed):
            respond(claim)


def _fatal(act: Callable[..., Any], asked: Counter[str], count: int) -> Callable[..., Any]:
    def dying(*args: Any, **fields: Any) -> Any:
        asked["all"] += 1
        if asked["all"] == count:
            raise Killed
        return act(*args, **fields)

    return dying


@pytest.mark.parametrize(
    ("entry", "questions"), [("contrastive", 3), (ENSEMBLE, 4), (SEARCH, 3)],
)  # fmt: skip
def test_killed_between_questions_nothing_is_bought_twice(
    study: Study, server: FakeLlm, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch,
    entry: object, questions: int,
) -> None:  # fmt: skip
    ask_for(study, entry)
    plan_run(study=study, stage="response", endpoint=endpoint, by="test")
    for number in range(2, questions + 1):
        claim = queue.claim("doomed")
        assert claim is not None
        die_before(monkeypatch, number, claim)
        assert server.billed == number - 1
        Job.objects.update(lease_until=Now())

    work_off()

    assert server.billed == questions
    response = Response.objects.get()
    assert len(response.provenance["calls"]) == questions
    assert Call.objects.count() == questions
    assert Call.objects.filter(pk__in=response.provenance["calls"]).count() == questions
