"""Nothing a person reads is hard-coded, and participants and raters read it in five languages."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from studies.models import Participant
from tests.catalogs import (
    LANGUAGES,
    ROOT,
    Entry,
    catalog,
    compiled,
    entries,
    placeholders,
    to_compile,
)
from tests.samples import make_conversation, make_participant, make_study
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import text_of

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
VISIBLE = ("alt", "aria-label", "placeholder", "title")
NAMES = {"Firsthand", "API", "SHA"}
"""What is called the same in every language."""
FILE = re.compile(r"\b[\w-]+\.(?:jsonl?|csv|zip)\b")
NO_LANGUAGE = {"code", "pre", "script"}
TAGS = re.compile(
    r"\{%\s*block width\s*%\}.*?\{%\s*endblock\s*%\}|"  # a class
    r"\{%\s*blocktranslate\b.*?%\}.*?\{%\s*endblocktranslate\s*%\}"
    r"|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
    re.DOTALL,
)
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"""(["'`])[A-Z][a-z]+(?: [a-z]|[.!?…]).*?\1""")
SAYING = re.compile(
    r"(?:textContent|innerText|ariaLabel|placeholder|title)\s*=\s*[\"'`][^\"'`]*[A-Za-z]"
    r"|\b(?:alert|confirm|prompt)\("
)
# Columns of a table in a text stand where the text says: left is left in every language.
SIDED = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right)\b|(?:left|right)\s*:"
    r"|(?<!\.left { )(?<!\.right { )(?:float|clear|text-align)\s*:\s*(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius)"
)


class Words(HTMLParser):
    """The words of a page that its author wrote in English."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        for name, value in attrs:
            if name in VISIBLE or (name.startswith("data-") and " " in (value or "").strip()):
                self._look(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not NO_LANGUAGE.intersection(self.inside):
            self._look(data)

    def _look(self, text: str) -> None:
        self.found += [word for word in WORD.findall(FILE.sub("", text)) if word not in NAMES]


def words_in(template: str) -> list[str]:
    """Those outside of what is translated."""
    reader = Words()
    reader.feed(TAGS.sub("", template))
    return reader.found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_says_nothing_untranslated(path: Path) -> None:
    assert words_in(path.read_text()) == []


@pytest.mark.parametrize(
    "sample",
    [
        "<p>{% if a %}Hello{% endif %}</p>",
        '<input placeholder="Name">',
        '<p data-failed="Not sent">{{ text }}</p>',
        "{% translate 'Hello' %} you",
    ],
)
def test_untranslated_words_are_found(sample: str) -> None:
    assert words_in(sample) != []


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_script_has_no_words_of_its_own(path: Path) -> None:
    source = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)

    assert [found[0] for found in SENTENCE.finditer(source)] == []
    assert SAYING.findall(source) == []


@pytest.mark.parametrize("sample", ['x = "Not sent";', "one.title = 'saved'", "alert(x)"])
def test_words_in_scripts_are_found(sample: str) -> None:
    assert SENTENCE.search(sample) or SAYING.search(sample)


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_sheet_knows_start_and_end_only(path: Path) -> None:
    assert SIDED.findall(path.read_text()) == []


@pytest.mark.parametrize("sample", ["margin-left: 1rem", "a { left: 0 }", "text-align: right"])
def test_left_and_right_are_found(sample: str) -> None:
    assert SIDED.search(sample)


def for_participants(language: str) -> list[Entry]:
    """What participants and raters read."""
    return [entry for entry in entries(catalog(language)) if entry.is_for_participants]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_participants_read_is_translated(language: str) -> None:
    missing = [row.texts[0] for row in for_participants(language) if not row.is_translated]

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_the_same(language: str) -> None:
    rows = [row for row in entries(catalog(language)) if row.is_translated]
    # A singular may say "one" in words; what it leaves out must at least be known.
    wrong = [
        row.texts[0]
        for row in rows
        if any(placeholders(one) != placeholders(row.texts[-1]) for one in row.translations[-1:])
        or any(placeholders(one) - placeholders(row.texts[-1]) for one in row.translations)
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalog_is_compiled(language: str) -> None:
    path = catalog(language)
    held = compiled(path.with_suffix(".mo"))
    held.pop("", None)

    assert held == to_compile(path)


def test_every_language_of_the_site_has_a_catalog() -> None:
    locales = {translation.to_locale(code) for code, _name in settings.LANGUAGES} - {"en"}

    assert locales == set(LANGUAGES)


@pytest.fixture
def owner(db: None) -> Participant:
    """Somebody who shared a conversation on the last day of January."""
    study = make_study("alps", {}, consent=CONSENT, attributes={}, languages=["en", "ko", "zh"])
    owner = make_participant(study, "owner")
    conversation = make_conversation(owner, "Hello there.")
    conversation.shared_at = datetime(2026, 1, 31, 12, tzinfo=UTC)
    conversation.save()
    return owner


@pytest.mark.parametrize(
    ("language", "date", "number"),
    [
        ("en", "Jan. 31, 2026", "12,345"),
        ("ko", "2026년 1월 31일", "12,345"),
        ("ja", "2026年1月31日", "12,345"),
        ("zh-hans", "2026年1月31日", "12345"),
        ("es", "31 de enero de 2026", "12\xa0345"),
    ],
)
def test_dates_and_numbers_are_written_as_the_reader_does(
    client: Client, owner: Participant, language: str, date: str, number: str
) -> None:
    browser = entered_as(client, owner)

    page = text_of(browser.get("/s/alps/attributes/", headers={"Accept-Language": language}))
    with translation.override(language):
        counted = Template("{% load humanize %}{{ n|intcomma }}").render(Context({"n": 12345}))

    assert date in page
    assert f'<html lang="{language}" dir="ltr">' in page
    assert counted == number
