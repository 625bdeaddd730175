"""Ways in which an answer goes wrong, met by a person in a conversation: each ends in a sentence.

What is played is in `bench/fakellm/cases.py`: by servers that do not stream, too. Of each outcome
one or two are enough: a conversation asks for words, and takes any that come whole.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from bench.fakellm.cases import CASES
from bench.fakellm.server import FakeLlm
from collection.converse.hub import Hub
from collection.unshared.models import ReplyEvent, UnsharedConversation, UnsharedTurn
from llm.models import Call, Endpoint, EndpointHealth
from studies.models import Study
from tests.collection.conversing import begun, converse_study, in_loop, model_at, reply_of
from tests.web.conftest import entered_as
from tests.web.pages import hidden_fields, text_of
from work.models import Job, Lane

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.walk]

UNREACHED, BROKEN = "could not be reached", "The reply broke off"
TOO_LONG, DECLINED = "became too long", "declined to go on"
TOLD = {
    "limited_untold": "is busy",
    "unauthorized": UNREACHED,
    "status_500": UNREACHED,
    "moved_302": UNREACHED,
    "web_page": BROKEN,
    "lone_surrogate": BROKEN,
    "cut_json": BROKEN,
    "stream_cut": BROKEN,
    "content_null": "answered nothing",
    "token_limit": TOO_LONG,
    "three_megabytes": TOO_LONG,
    "ten_megabyte_line": TOO_LONG,
    "gzip_bomb": TOO_LONG,
    "refusal": DECLINED,
}


@pytest.fixture
def server() -> Iterator[FakeLlm]:
    with FakeLlm() as fake:
        yield fake


def talked(study: Study, ref: str) -> tuple[UnsharedConversation, list[int], str, str]:
    """One message sent from the page: the statuses, what the stream said, and the page after."""
    conversation = begun(study, ref)
    talker = entered_as(Client(), conversation.participant)
    address = f"/s/alps/converse/{conversation.pk}/"
    fields = hidden_fields(text_of(talker.get(address)))
    sent = talker.post(f"{address}turns/", {**fields, "text": "Hello"})
    status, heard = listened(f"{address}stream/?after=", talker.cookies)
    page = talker.get(address)
    return conversation, [sent.status_code, status, page.status_code], heard, text_of(page)


def listened(path: str, session: Any) -> tuple[int, str]:
    """What the open page hears, to its end."""

    async def run(_hub: Hub) -> tuple[int, str]:
        client = AsyncClient()
        client.cookies = session
        try:
            response = await client.get(path)
            parts: Any = response.streaming_content  # type: ignore[attr-defined]
            return response.status_code, "".join([part.decode() async for part in parts])
        finally:
            await sync_to_async(connections.close_all)()

    status, heard = in_loop(run)
    return status, heard


# One after the other, as emptying the database takes longer than a case.
def test_each_case_ends_in_a_sentence(server: FakeLlm) -> None:
    study = converse_study()
    model_at(server.url)
    Endpoint.objects.update(timeout=1)

    for name, sentence in TOLD.items():
        server.manner.always = name
        # An endpoint that fails so often is left alone.
        for kept in (Call, EndpointHealth, Lane):
            kept.objects.all().delete()
        conversation, statuses, heard, page = talked(study, name)

        assert (name, statuses) == (name, [302, 200, 200])
        assert (heard[-21:], sentence in page) == ("event: end\ndata: {}\n\n", True), name
        assert reply_of(conversation).state == "cut"
        assert Call.objects.get().outcome == CASES[name].outcome

    assert not ReplyEvent.objects.exists()
    assert set(UnsharedTurn.objects.filter(role="assistant").values_list("content", flat=True)) == {
        "", "Half",
    }  # fmt: skip
    assert {job.state for job in Job.objects.all()} == {"done"}


def test_endpoint_that_is_left_alone_is_told_as_unreachable(server: FakeLlm) -> None:
    study = converse_study()
    model_at(server.url)
    server.manner.always = "unauthorized"
    talked(study, "first")

    _conversation, statuses, _heard, page = talked(study, "second")

    assert (statuses, Call.objects.count()) == ([302, 200, 200], 1)
    assert UNREACHED in page
