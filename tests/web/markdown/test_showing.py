"""Markdown on a page: what it becomes, where its words stand, and what never happens."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.markdown.leaves import Mark
from web.markdown.showing import LONGEST, SHOWN_AT_ONCE, shown

LEAF = re.compile(r'<span data-at="(\d+)">(.*?)</span>', re.DOTALL)
SNIPPETS = st.sampled_from(
    [
        *(
            "a",
            " ",
            "b c",
            "**",
            "*",
            "_",
            "`",
            "~~",
            "\n",
            "\n\n",
            "\r\n",
            "# ",
            "- ",
            "1. ",
            "> ",
        ),
        *("| a | b |\n|---|---|\n| c | d |\n", "```\n", "```py\nx = 1\n```\n", "[t](http://x)"),
        *("\\*", "$x$", "$$", "\\(", "\\)", "&amp;", "&", "<b>", "![i](http://x/y.png)"),
        *("\t", "é", "한", "😀"),
    ]
)
ALIGNED = "| a | b | c |\n|:--|:-:|--:|\n| d | e | f |\n"
MARKDOWN = st.lists(SNIPPETS, max_size=30).map("".join)


def test_columns_of_a_table_stand_on_their_sides() -> None:
    page = shown(ALIGNED)

    for tag in ("th", "td"):
        sides = re.findall(rf'<{tag}[^>]*class="(\w+)"', page)
        assert sides == ["left", "center", "right"]
    assert "style" not in page


def leaves_of(page: str) -> list[tuple[int, str]]:
    return [(int(at), html.unescape(words)) for at, words in LEAF.findall(page)]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("a *b* **c**", '<p dir="auto">a <em>b</em> <strong>c</strong></p>'),
        ("# One\n### Two", '<h3 dir="auto">One</h3><h4 dir="auto">Two</h4>'),
        ("3. c", '<ol start="3" dir="auto"><li>c</li></ol>'),
        ("a\nb", '<p dir="auto">a\nb</p>'),
        ("[a](/me/)", '<p dir="auto">[a](/me/)</p>'),
        ("    indented", '<p dir="auto">indented</p>'),
        ("[NAME_1]: is me", '<p dir="auto">[NAME_1]: is me</p>'),
        ("", ""),
        (" \n ", ""),
        ("$<$", '<p dir="auto"><math display="inline"><mrow><mo>&lt;</mo></mrow></math></p>'),
        ("$\\frac$", '<p dir="auto"><code>\\frac</code></p>'),
        ("It costs $5 or $10.", '<p dir="auto">It costs $5 or $10.</p>'),
    ],
)
def test_shown_makes_of(text: str, page: str) -> None:
    assert shown(text) == page


def test_shown_keeps_code_and_tables_within_their_own_box() -> None:
    page = shown("```py\nx = '<b>'\n```\n\n| a |\n|---|\n| 1 |")

    assert page == (
        '<p class="language">py</p>'
        '<pre tabindex="0" dir="ltr"><code>x = \'&lt;b&gt;\'\n</code></pre>'
        '<div class="scroll" tabindex="0"><table dir="auto"><thead><tr><th>a</th></tr>'
        "</thead><tbody><tr><td>1</td></tr></tbody></table></div>"
    )


def test_shown_says_a_picture_and_fetches_none() -> None:
    page = shown("![A cat](https://spy.example/x.png)")

    assert page == (
        '<p dir="auto">A cat <span class="address">(https://spy.example/x.png)</span></p>'
    )


def test_shown_links_tell_nobody_where_one_came_from() -> None:
    assert shown("[here](https://a.example/?q=1&r=2)") == (
        '<p dir="auto"><a href="https://a.example/?q=1&amp;r=2" target="_blank" '
        'rel="noopener noreferrer nofollow">here</a></p>'
    )


@given(MARKDOWN)
def test_shown_places_are_those_of_the_text(text: str) -> None:
    leaves = leaves_of(shown(text, has_places=True))

    assert [(at, text[at : at + len(words)]) for at, words in leaves] == leaves
    assert leaves == sorted(leaves)


@given(MARKDOWN, st.data())
def test_shown_marks_are_exact(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    page = shown(text, marks=[Mark(1, start, end)], has_places=True)

    marked = "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL))
    assert _letters(text[start:end]) == _letters("".join(words for _, words in leaves_of(marked)))


def test_shown_anchors_each_card_once() -> None:
    page = shown("a *b* c", marks=[Mark(1, 0, 7), Mark(2, 3, 7)])

    assert re.findall(r'id="[^"]+"', page) == ['id="said-1"', 'id="said-2"']


def test_shown_folds_what_is_long() -> None:
    code, text = "```\n" + "x\n" * 500 + "```", ("word " * 100 + "\n\n") * 400

    assert shown(code).count("<pre") == shown(code).count("<details") + 1 == 2
    assert shown(text).index("<details") == pytest.approx(SHOWN_AT_ONCE, rel=0.1)


@pytest.mark.parametrize("text", ["word " * 40_000, "a" * 200_000, "- one\n" * 9_000])
def test_shown_folds_what_has_no_paragraphs(text: str) -> None:
    page = shown(text, has_places=True)

    at_once = leaves_of(page[: page.index("<details")])
    assert sum(len(words) for _, words in at_once) < 2 * SHOWN_AT_ONCE
    said = "".join(words for _, words in leaves_of(page))
    assert said.replace("\n", "") == text.replace("\n", "")


def test_shown_makes_few_elements_of_many_lines() -> None:
    page = shown("word\n\n" * 30_000, has_places=True)

    assert page.count("<") < 100
    assert len(leaves_of(page)) < 20


def test_shown_knows_the_places_of_lines_with_carriage_returns() -> None:
    text = "*a" * 200 + "[" * 5_001 + "\r\n\r\none\rtwo\nthree\n\nfour"

    leaves = leaves_of(shown(text, has_places=True))

    assert [text[at : at + len(words)] for at, words in leaves] == [words for _, words in leaves]
    assert [words for _, words in leaves][1:] == ["one", "two\nthree\n\nfour"]


@pytest.mark.parametrize(
    "text",
    [">" * 200, "*a" * LONGEST, "- a\n" * 20_000, "[" * 6_000, "`" * 20_000, "\\(" * 20_000],
    ids=["deep", "long", "lines", "brackets", "ticks", "formulas"],
)
def test_shown_hides_no_word_of_what_is_extreme(text: str) -> None:
    page = html.unescape(re.sub(r"<[^>]+>", "", shown(text)))

    assert page.count("a") >= text.count("a")


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
