"""What one tiny question shows of an endpoint."""

import pytest

from bench.fakellm.honest import honest_answer
from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from llm.actions.endpoints import ensure_endpoint
from llm.checking import check
from llm.models import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)
RUNGS = list(Endpoint.Structured.values)


@pytest.mark.parametrize("structured", RUNGS)
@pytest.mark.parametrize("protocol", ["chat", "responses", "embeddings"])
def test_check_finds_out_what_works(protocol: str, structured: str, server: FakeLlm) -> None:
    server.answer = honest_answer
    endpoint = ensure_endpoint(
        name="c", base_url=server.url, model="fake-model", protocol=protocol,
        structured=structured, price_prompt=1, price_completion=1,
    )  # fmt: skip

    found = check(endpoint)

    assert (found.problem, found.is_counted) == ("", True)
    assert bool(found.dimensions) == (protocol == "embeddings")
    assert found.structured == ("" if found.dimensions else structured)
    assert found.cost


def test_check_says_what_is_wrong(server: FakeLlm) -> None:
    server.script(Scripted(status=404, body="no such model"))

    found = check(ensure_endpoint(name="c", base_url=server.url, model="nope"))

    assert found.problem == "bad_request: HTTP 404."


@pytest.mark.parametrize(("structured", "is_advised"), [(rung, rung != "prompt") for rung in RUNGS])
def test_check_advises_where_a_schema_is_passed_over(
    structured: str, is_advised: bool, server: FakeLlm
) -> None:
    server.answer = lambda _request: "It is five."

    found = check(ensure_endpoint(name="c", base_url=server.url, model="m", structured=structured))

    assert found.problem.startswith("malformed: the text is not JSON.")
    assert ("set `structured` to prompt" in found.problem) == is_advised
