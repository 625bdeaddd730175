"""A reply that a mistake of ours breaks off ends at once and can be asked for again."""

import pytest

from llm.models import Call, Endpoint
from tests.collection.conversing import begun, converse_study, model_at, read_replies, reply_of, say
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def test_unexpected_error_ends_the_reply_as_cut(caplog: pytest.LogCaptureFixture) -> None:
    model_at("http://127.0.0.1:1/v1")
    conversation = begun(converse_study())
    # No form takes it; the client that is made for it does not either.
    Endpoint.objects.filter(name="main").update(base_url="http://[::1")

    read_replies(say(conversation, "Something private"))

    assert reply_of(conversation).state == "cut"
    assert conversation.turns.get(role="user").awaits_reply
    assert (Job.objects.get().state, Call.objects.get().state) == ("done", "error")
    (record,) = [one for one in caplog.records if "broke off" in one.message]
    assert record.exc_info is not None
    assert "Something private" not in caplog.text
