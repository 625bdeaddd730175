"""Keys of endpoints: sealed each for its row, opened by any secret, shown to nobody."""

import io
import json
import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from llm.actions.keys import set_key
from llm.client import Account
from llm.errors import CallFailed, EndpointBroken
from llm.keys import key_of, shown
from llm.models import Call, Endpoint
from tests.llm.conftest import Ask

OLD, NEW = "an old secret of enough characters!", "a new secret of enough characters!!"
KEY = "sk-canary-0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture
def sealed(endpoint: Endpoint, settings: Any) -> Endpoint:
    """An endpoint with a key under the old secret."""
    settings.SEALING_KEYS = [OLD]
    set_key(endpoint=endpoint, key=KEY, by="ada")
    return Endpoint.objects.get(pk=endpoint.pk)


@pytest.mark.django_db(transaction=True)
def test_sealed_key_is_sent(sealed: Endpoint, asked: Ask, server: FakeLlm) -> None:
    asked(endpoint=sealed)

    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.django_db
def test_empty_key_takes_it_away(sealed: Endpoint, settings: Any) -> None:
    settings.LLM_KEYS = {"LLM_API_KEY": "from the environment"}

    set_key(endpoint=sealed, key="", by="ada")

    assert key_of(sealed) == "from the environment"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["two words", "línea", "a\nb", "a\x00b", "x" * 501])
def test_key_that_no_header_carries_is_refused(key: str, endpoint: Endpoint) -> None:
    with pytest.raises(ValidationError):
        set_key(endpoint=endpoint, key=key, by="ada")


@pytest.mark.django_db
def test_every_secret_opens_and_the_first_seals(sealed: Endpoint, settings: Any) -> None:
    settings.SEALING_KEYS = [NEW, OLD]
    assert key_of(sealed) == KEY

    call_command("reseal", stdout=io.StringIO())
    settings.SEALING_KEYS = [NEW]

    assert key_of(Endpoint.objects.get(pk=sealed.pk)) == KEY


@pytest.mark.django_db
def test_resealing_without_the_secret_changes_nothing(sealed: Endpoint, settings: Any) -> None:
    settings.SEALING_KEYS = [NEW]

    with pytest.raises(CommandError, match="nothing changed"):
        call_command("reseal")

    assert Endpoint.objects.get(pk=sealed.pk).sealed_key == sealed.sealed_key


@pytest.mark.django_db(transaction=True)
def test_wrong_secret_fails_cleanly(
    sealed: Endpoint, asked: Ask, server: FakeLlm, settings: Any
) -> None:
    settings.SEALING_KEYS = [NEW]

    with pytest.raises((EndpointBroken, CallFailed), match="auth: its key cannot be opened") as e:
        asked(endpoint=sealed)

    assert server.billed == 0
    assert sealed.sealed_key not in str(e.value)
    assert shown(sealed) == "set, but it cannot be opened with SEALING_KEYS"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "AAAA", "no base 64!", "A" * 400])
def test_broken_ciphertext_fails_cleanly(text: str, sealed: Endpoint) -> None:
    sealed.sealed_key = text or "="

    with pytest.raises(EndpointBroken, match="auth"):
        key_of(sealed)


@pytest.mark.django_db
def test_key_does_not_open_in_another_row(sealed: Endpoint) -> None:
    other = Endpoint.objects.create(name="other", base_url="http://localhost/v1", model="m")
    set_key(endpoint=other, key="sk-another", by="ada")
    sealed.sealed_key, other.sealed_key = other.sealed_key, sealed.sealed_key

    for swapped in (sealed, other):
        with pytest.raises(EndpointBroken, match="auth"):
            key_of(swapped)


@pytest.mark.django_db
def test_same_key_is_sealed_anew_each_time(sealed: Endpoint) -> None:
    before = sealed.sealed_key
    set_key(endpoint=sealed, key=KEY, by="ada")

    assert sealed.sealed_key != before


# -- It is nowhere to be found -------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_server_that_repeats_the_key_gives_it_to_nobody(
    sealed: Endpoint, asked: Ask, server: FakeLlm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"error": {"message": f"Incorrect API key provided: {KEY}."}}
    server.script(Scripted(status=401, body=body, headers={"x-request-id": f"r-{KEY}"}))

    with pytest.raises((EndpointBroken, CallFailed), match="auth") as error:
        asked(endpoint=sealed)

    call = Call.objects.get()
    assert "[key]" in call.raw_response
    told = [call.raw_response, call.provider_request_id, caplog.text, repr(error.value)]
    assert [text for text in told if KEY in text] == []


@pytest.mark.parametrize(
    ("key", "status", "is_hidden"),
    [
        ("anything", 200, False),
        ("anything", 400, True),
        ("warm", 401, False),
        ("a" * 19, 204, False),
        (KEY, 200, True),
        (KEY, 500, True),
        ("none", 500, False),
    ],
)
def test_key_that_may_be_a_word_leaves_answers_as_they_are(
    key: str, status: int, is_hidden: bool
) -> None:
    said = f"It can be {key}."

    hidden = Account("http://localhost/v1", "bearer", key).hide(said, status)

    assert hidden == ("It can be [key]." if is_hidden else said)


@pytest.mark.django_db
def test_word_as_a_key_does_not_rewrite_an_answer(
    endpoint: Endpoint, asked: Ask, server: FakeLlm, settings: Any
) -> None:
    settings.LLM_KEYS = {"LLM_API_KEY": "anything"}
    server.script(completion("It can be anything."))

    answer = asked(endpoint=endpoint, schema=None)

    assert answer.text == "It can be anything."


@pytest.mark.django_db(transaction=True)
def test_key_stands_in_no_dump_list_or_repr(
    sealed: Endpoint, asked: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked(endpoint=sealed)
    dump, listed = io.StringIO(), io.StringIO()
    call_command("dumpdata", stdout=dump)
    call_command("endpoint", "list", "--json", stdout=listed)

    told = [dump.getvalue(), listed.getvalue(), repr(sealed), str(vars(sealed)), caplog.text]
    assert [text[:40] for text in told if KEY in text] == []
    (document,) = json.loads(listed.getvalue())["endpoints"]
    assert document["key"] == "set"
    assert sealed.sealed_key not in listed.getvalue()


# -- The admin's form ----------------------------------------------------------------


@pytest.fixture
def admin(client: Client) -> Client:
    """Somebody who may do everything."""
    user = get_user_model().objects.create_superuser("root", "root@example.org", "x")
    client.force_login(user)
    return client


def form_of(endpoint: Endpoint, **changes: str) -> dict[str, str]:
    names = (
        "name", "base_url", "model", "key_name", "key_header", "protocol", "structured",
        "token_limit_name", "first_byte_timeout", "idle_timeout", "timeout", "max_concurrency",
        "reuse_days",
    )  # fmt: skip
    fields = {name: str(getattr(endpoint, name)) for name in names}
    return fields | {"extra_query": "{}", "extra_params": "{}", "is_active": "on"} | changes


@pytest.mark.django_db
def test_form_writes_a_key_and_never_shows_it(sealed: Endpoint, admin: Client) -> None:
    page = f"/admin/llm/endpoint/{sealed.pk}/change/"
    assert KEY not in admin.get(page).content.decode()
    assert ">set<" in admin.get(page).content.decode()

    answer = admin.post(page, form_of(sealed, new_key="sk-replaced-0123456789"))

    assert answer.status_code == 302
    assert key_of(Endpoint.objects.get(pk=sealed.pk)) == "sk-replaced-0123456789"
    admin.post(page, form_of(sealed))
    assert key_of(Endpoint.objects.get(pk=sealed.pk)) == "sk-replaced-0123456789"
    admin.post(page, form_of(sealed, take_key_away="on"))
    assert Endpoint.objects.get(pk=sealed.pk).sealed_key == ""


@pytest.mark.django_db
def test_form_does_not_give_a_refused_key_back(sealed: Endpoint, admin: Client) -> None:
    page = f"/admin/llm/endpoint/{sealed.pk}/change/"

    answer = admin.post(page, form_of(sealed, new_key="sk refused canary"))

    assert answer.status_code == 200
    assert "sk refused canary" not in answer.content.decode()


@pytest.mark.django_db
def test_form_refuses_what_may_not_be_asked(sealed: Endpoint, admin: Client, settings: Any) -> None:
    page = f"/admin/llm/endpoint/{sealed.pk}/change/"

    answer = admin.post(page, form_of(sealed, base_url="http://169.254.169.254/v1"))

    assert "not among LLM_HOSTS" in answer.content.decode()
    assert Endpoint.objects.get(pk=sealed.pk).base_url == sealed.base_url
