"""The study document: read as a whole, refused with the line of each fault."""

import pytest
from django.core.exceptions import ValidationError

from studies.document import read_document

GOOD = """\
slug: alps
title: {en: Which answer is better?}
stages:
  response:
    overlap: {peer: 3}
    rubric: default
"""


def refusal(text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        read_document(text)
    return list(caught.value.messages)


def test_read_document_takes_yaml_and_json_alike() -> None:
    as_json = '{"slug": "alps", "title": {"en": "Alps"}, "stages": {}}'

    assert read_document(as_json)["slug"] == read_document(GOOD)["slug"] == "alps"


def test_read_document_keeps_dates_as_text() -> None:
    text = GOOD + "consent: {version: 2026-01-01, text: {en: Yes?}}\n"

    assert read_document(text)["consent"]["version"] == "2026-01-01"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("slug: alps\ntitle: {en: A}\ncolour: red\n", "line 3, colour: Unknown key “colour”."),
        ("title: {en: A}\n", "line 1, slug: “slug” is missing."),
        (
            GOOD.replace("peer: 3", "peers: 3"),
            "line 5, stages.response.overlap.peers: Unknown key “peers”.",
        ),
        (
            GOOD.replace("response:", "cooking:"),
            (
                "line 4, stages.cooking: "
                "There is no stage “cooking”: extraction, relevance, response."
            ),
        ),
        (
            "- 1\n",
            "line 1: A study document is a mapping with keys such as slug, title and stages.",
        ),
        ("a: &x 1\nb: *x\n", "line 2: An alias (*) cannot be used here."),
    ],
)
def test_read_document_names_the_line_of_a_fault(text: str, sentence: str) -> None:
    assert refusal(text) == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        "slug: [",
        "slug: a\nslug: b\n",
        "? [a]\n: 1\n",
        "slug: .inf\ntitle: {en: A}\n",
        "!!python/object:os.system x",
        "\x07",
        "[" * 100_000,
        GOOD + "external_raters: {scopes: [take_part, take_part]}\n",
        GOOD + "external_raters: {scopes: [everything]}\n",
        GOOD + "languages: [English]\n",
        "x" * 1_000_001,
        "",
    ],
    ids=[
        "cut", "equal keys", "a key of lists", "infinity", "a tag", "a control character",
        "nested", "a scope twice", "no such scope", "no such language", "long", "empty",
    ],
)  # fmt: skip
def test_read_document_refuses_with_a_sentence(text: str) -> None:
    assert all(sentence for sentence in refusal(text))


def test_read_document_names_a_rubrics_fault_by_its_line() -> None:
    text = GOOD.replace(
        "rubric: default",
        "rubric:\n      version: 1\n      questions:\n        - {key: A, kind: text}\n",
    )

    assert all(sentence.startswith("line 9, stages.response.rubric") for sentence in refusal(text))


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("judges: [{name: j, endpoint: e, temperature: hot}]\n", "judges[0].temperature"),
        ("endpoints: [{name: main}]\n", "endpoints[0].model"),
        ("strategies: [astrology]\n", "strategies[0]"),
    ],
)
def test_each_floor_checks_its_own_section(section: str, path: str) -> None:
    assert [path in sentence for sentence in refusal(GOOD + section)] == [True]


def test_read_document_lists_faults_in_the_order_of_their_lines() -> None:
    text = "judges: [{colour: red}]\nslug: A\nstages: {cooking: {}}\ntitle: {en: 5}\ncolour: red\n"

    lines = [sentence.split(",")[0] for sentence in refusal(text)]

    assert lines == sorted(lines)
    assert set(lines) == {f"line {number}" for number in range(1, 6)}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("title: {en: 5}", "title.en: This must be a text; a number needs quotation marks."),
        ("title: Alps", "title: This must be a mapping of keys to values."),
        ("title: {en: A}\nlanguages: en", "languages: This must be a list."),
        ("title: {en: A}\nconsent: yes", "consent: This must be a mapping of keys to values."),
        ("title: {en: A}\nis_invented: maybe", "is_invented: This must be true or false."),
    ],
)
def test_read_document_says_plainly_what_a_value_must_be(line: str, sentence: str) -> None:
    assert [told.partition(", ")[2] for told in refusal(f"slug: a\n{line}\n")] == [sentence]
