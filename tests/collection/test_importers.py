"""Every format: what is kept of it, what is dropped, and which branch is the conversation."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.importers.format import Unreadable
from collection.importers.moments import moment_of
from collection.importers.reading import Found, read
from collection.importers.registry import FORMATS
from tests.collection.exports import (
    SAID,
    chain,
    claude,
    in_lines,
    listed,
    message,
    plain,
    sharegpt,
    text_block,
    tree,
    wildchat,
    zipped,
)

ROWS: dict[str, dict[str, Any]] = {
    "chatgpt": chain(),
    "claude": claude(),
    "sharegpt": sharegpt(),
    "wildchat": wildchat(),
    "jsonl": plain(),
}
NOW = "2023-11-14T22:13:20.250000+00:00"


def in_zip(row: Any) -> bytes:
    return zipped({"x.json": listed(row)})


def marked(row: Any) -> bytes:
    return b"\xef\xbb\xbf" + listed(row)


def found_in(content: bytes) -> list[Found]:
    """Everything in a file of any format."""
    return list(read(io.BytesIO(content), FORMATS))


def said_in(content: bytes, version: int = 0) -> list[tuple[str, str]]:
    """Role and words of its only conversation."""
    [found] = found_in(content)
    return [(turn.role, turn.content) for turn in found.past.version(version)]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(
    "packed",
    [listed, in_lines, in_zip, marked],
    ids=["list", "lines", "zip", "byte order mark"],
)
def test_format_is_found_by_content(name: str, packed: Any) -> None:
    [found] = found_in(packed(ROWS[name]))

    assert found.format == name
    assert [(turn.role, turn.content) for turn in found.past.version(0)] == [
        ("user", SAID[0]),
        ("assistant", SAID[1]),
    ]


@pytest.mark.parametrize("name", ["chatgpt", "claude"])
def test_exports_keep_title_date_and_name(name: str) -> None:
    [found] = found_in(listed(ROWS[name]))

    assert found.past.title == "Moving"
    assert found.past.began_at is not None
    assert found.past.began_at.isoformat() == NOW
    assert found.past.key == {"chatgpt": "g1", "claude": "k1"}[name]


def test_wildchat_columns_about_the_person_are_never_kept() -> None:
    [found] = found_in(in_lines(wildchat()))

    assert "canary" not in repr(found)
    assert found.past.version(0)[1].model == "gpt-x"


def test_plain_lines_may_call_their_turns_messages() -> None:
    assert len(said_in(in_lines(plain(under="messages")))) == 2


def test_sharegpt_keeps_instructions_and_drops_strangers() -> None:
    row = sharegpt()
    row["conversations"][:0] = [{"from": "system", "value": "Be brief."}]
    row["conversations"] += [{"from": "observation", "value": "A tool."}]

    assert [role for role, _words in said_in(listed(row))] == ["system", "user", "assistant"]


def test_claude_joins_blocks_and_drops_tools_and_thoughts() -> None:
    row = claude("Look", "old text")
    row["chat_messages"][1]["content"] = [
        {"type": "thinking", "thinking": "Hm."},
        text_block("First."),
        {"type": "tool_use", "input": {}},
        text_block("Second."),
    ]

    assert said_in(listed(row))[1] == ("assistant", "First.\nSecond.")


def test_claude_without_blocks_has_its_text() -> None:
    row = claude("Hello", "Hi")
    for said in row["chat_messages"]:
        del said["content"]

    assert said_in(listed(row)) == [("user", "Hello"), ("assistant", "Hi")]


def test_chatgpt_drops_what_nobody_said() -> None:
    hidden = {"metadata": {"is_visually_hidden_from_conversation": True}}
    nodes = {
        "0": (None, None),
        "1": ("0", message("system", "")),
        "2": ("1", message("user", "About the account", **hidden)),
        "3": ("2", message("user", "Draw it")),
        "4": ("3", message("assistant", "{}", recipient="dalle.text2im")),
        "5": ("4", message("tool", "A picture", author={"role": "tool"})),
        "6": ("5", {**message("assistant", "x"), "content": {"content_type": "thoughts"}}),
        "7": ("6", message("assistant", "Here it is.")),
    }

    assert said_in(listed(tree(nodes, "7"))) == [("user", "Draw it"), ("assistant", "Here it is.")]


def test_chatgpt_shows_pictures_and_voices_as_words() -> None:
    parts = [
        {"content_type": "image_asset_pointer", "asset_pointer": "file://canary"},
        {"content_type": "audio_transcription", "text": "What is this?"},
        {"content_type": "audio_asset_pointer"},
        {"content_type": "something new"},
        "A cat",
    ]

    rows = said_in(listed(tree({"0": (None, message("user", *parts))}, "0")))

    assert rows == [("user", "[image]\nWhat is this?\n[audio]\n[attachment]\nA cat")]


def branching(current: str | None) -> bytes:
    """A question with two replies, the second of which went on."""
    nodes = {
        "q": (None, message("user", "Question")),
        "a": ("q", message("assistant", "Reply one")),
        "b": ("q", message("assistant", "Reply two")),
        "c": ("b", message("user", "Thanks")),
        "d": ("c", message("system", "hidden leaf")),
    }
    return listed(tree(nodes, current))


@pytest.mark.parametrize(("current", "first"), [("a", "Reply one"), ("d", "Reply two")])
def test_chatgpt_branch_looked_at_last_comes_first(current: str, first: str) -> None:
    [found] = found_in(branching(current))

    assert len(found.past.versions) == 2
    assert found.past.version(0)[1].content == first


@pytest.mark.parametrize("current", [None, "not there"])
def test_chatgpt_without_a_current_branch_takes_the_last_one(current: str | None) -> None:
    assert said_in(branching(current))[1] == ("assistant", "Reply two")


def test_chatgpt_offers_a_limited_number_of_versions_newest_first() -> None:
    nodes: dict[str, Any] = {"q": (None, message("user", "Question"))}
    nodes |= {str(n): ("q", message("assistant", f"Reply {n}")) for n in range(30)}

    [found] = found_in(listed(tree(nodes, "0")))

    assert len(found.past.versions) == 20
    assert [found.past.version(n)[1].content for n in (0, 1)] == ["Reply 0", "Reply 29"]


def test_chatgpt_messages_in_a_circle_cannot_be_given() -> None:
    nodes = {"a": ("b", message("user", "x")), "b": ("a", message("user", "y"))}

    [found] = found_in(listed(tree(nodes, "a")))

    assert found.fault == "Its messages follow one another in a circle."


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.data())
def test_chatgpt_way_is_the_path_from_the_root(parents: list[int], data: Any) -> None:
    nodes: dict[str, Any] = {}
    for number, parent in enumerate(parents):
        before = str(parent % number) if number else None
        nodes[str(number)] = (before, message("user", f"said {number}"))
    current = data.draw(st.sampled_from(sorted(nodes)))
    way = [current]
    while (before := nodes[way[0]][0]) is not None:
        way.insert(0, before)

    assert said_in(listed(tree(nodes, current))) == [("user", f"said {name}") for name in way]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)))
def test_words_are_kept_as_they_are(words: list[str]) -> None:
    said = [word for word in words if word.strip()]
    kept = [content for _role, content in (said_in(in_lines(plain(*said))) if said else [])]

    assert kept == said


def test_zip_takes_the_export_among_other_files() -> None:
    members = {
        "a/user.json": b"{}",
        "a/conversations.json": listed(chain(name="a")),
        "a/conversations-001.json": listed(chain(name="b")),
        "chat.html": b"<html>",
    }

    assert [found.past.key for found in found_in(zipped(members))] == ["a", "b"]


def test_empty_conversations_are_left_out() -> None:
    rows = [claude(name="a") | {"chat_messages": []}, claude(name="b")]

    assert [found.past.key for found in found_in(listed(*rows))] == ["b"]


def test_format_the_study_does_not_take_is_refused() -> None:
    with pytest.raises(Unreadable, match="does not take"):
        list(read(io.BytesIO(listed(chain())), ["claude"]))


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (1_700_000_000.25, NOW),
        (1_700_000_000_250, NOW),
        ("2023-11-14T22:13:20.25Z", NOW),
        ("2023-11-14 22:13:20.25", NOW),
        ("0000-01-01", None),
        ("9999-12-31T23:59:59-12:00", None),
        (1e400, None),
        (2**63, None),
        (True, None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_moments_are_read_or_left_out(written: Any, read_as: str | None) -> None:
    moment = moment_of(written)

    assert (moment.isoformat() if moment else None) == read_as
