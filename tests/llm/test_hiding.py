"""Our key is in nothing that a participant or the ledger is shown, however it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fakellm.replies import Scripted, chunk, completion, streamed
from bench.fakellm.server import FakeLlm
from llm.actions.keys import set_key
from llm.errors import Unparseable
from llm.hiding import Veil, without
from llm.models import Call, Endpoint
from tests.llm.test_streaming import hear
from work.claims import Claim

KEY = "sk-0123456789-abcdefgh-sk-0"
LIVE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keyed(endpoint: Endpoint) -> Endpoint:
    set_key(endpoint=endpoint, key=KEY, by="ada")
    endpoint.refresh_from_db()
    return endpoint


def shown(veil: Veil, *pieces: str) -> list[str]:
    """What passes with each piece, and the rest."""
    return [*(veil.passed(piece) for piece in pieces), veil.rest()]


@pytest.mark.parametrize(
    "spelled",
    ["sk-ab/cd+ef==ghijklmnop", r"sk-ab\/cd+ef==ghijklmnop", r"sk-ab\u002Fcd\u002bef==ghijklmnop"],
)
def test_key_is_hidden_however_json_spells_it(spelled: str) -> None:
    said = without("sk-ab/cd+ef==ghijklmnop", f'{{"content": "It is {spelled}."}}', 200)

    assert said == '{"content": "It is [key]."}'


@given(st.lists(st.sampled_from([KEY, "s", "sk", "k-", "0", "-sk-0", "gh", "x", " "])), st.data())
def test_key_is_hidden_wherever_pieces_break(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    said = "".join(shown(Veil(KEY), *pieces))

    assert KEY not in said
    hidden = text.replace(KEY, "[key]")
    assert said == hidden or said == hidden[: len(said) - 5] + "[key]"


def test_only_what_may_be_the_key_is_held_back() -> None:
    assert shown(Veil(KEY), "Good", " days", "!", " sk", "y") == [
        "Good",
        " day",
        "s!",
        " ",
        "sky",
        "",
    ]
    assert shown(Veil(KEY), KEY[:12]) == ["", "[key]"]
    assert shown(Veil("short"), "shor", "t") == ["shor", "t", ""]


@LIVE
def test_streamed_text_shows_no_key(server: FakeLlm, keyed: Endpoint, claim: Claim) -> None:
    server.script(streamed("Your key is ", KEY[:9], KEY[9:20], f"{KEY[20:]}, keep it."))
    heard: list[str] = []

    answer = hear(keyed, claim, heard.append)

    assert answer.text == "".join(heard) == "Your key is [key], keep it."


@LIVE
def test_key_is_hidden_where_a_stream_breaks_off(
    server: FakeLlm, keyed: Endpoint, claim: Claim
) -> None:
    server.script(Scripted(body=[chunk(f"It is {KEY[:-1]}", model=KEY)], cut=True))
    heard: list[str] = []

    with pytest.raises(Unparseable):
        hear(keyed, claim, heard.append)

    assert (heard, Call.objects.get().model_answered) == (["It is ", "[key]"], "[key]")


@LIVE
def test_whole_answer_to_a_stream_shows_no_key(
    server: FakeLlm, keyed: Endpoint, claim: Claim
) -> None:
    server.script(Scripted(body=completion(f"It is {KEY}.", model=f"m {KEY}")))

    assert hear(keyed, claim).text == "It is [key]."
    assert Call.objects.get().model_answered == "m [key]"
