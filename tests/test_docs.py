"""The documentation names what is there: links, commands, variables, examples and words."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from studies.document import read_document

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CODE = ("annotation", "api", "collection", "config", "generation", "llm", "releases", "studies")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:manage\.py|^manage) ([a-z_]+)", re.M)
VARIABLE = re.compile(r"`([A-Z][A-Z0-9]*_?[A-Z0-9_]+)`")
YAML_BLOCK = re.compile(r"```yaml\n(.*?)```", re.S)
NO_SETTINGS = {"TEST_DB", "PUBLISH", "POSTGRES_PASSWORD", "FILE", "SIGTERM", "CSV", "SLUG", "DATA"}
"""Words in capitals that are no settings of the site: of the tests, of compose, of speech."""

pages = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@pages
def test_page_has_no_dead_links(path: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(path.read_text("utf-8"))]
    local = [link for link in links if link and "://" not in link]

    dead = [link for link in local if not (path.parent / link).exists()]

    assert dead == []


@pages
def test_page_names_commands_that_exist(path: Path) -> None:
    named = set(COMMAND.findall(path.read_text("utf-8")))

    assert named - set(get_commands()) == set()


@pages
def test_page_names_variables_of_the_example(path: Path) -> None:
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    named = set(VARIABLE.findall(path.read_text("utf-8")))

    assert named - listed - NO_SETTINGS == set()


def test_operations_page_names_every_variable() -> None:
    listed = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M)
    page = (ROOT / "docs/operations.md").read_text("utf-8")

    assert [name for name in listed if f"`{name}`" not in page] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/examples/*.yaml")), ids=lambda p: p.name)
def test_example_document_loads(path: Path) -> None:
    assert read_document(path.read_text("utf-8"))["stages"]


@pages
def test_page_has_only_documents_that_load(path: Path) -> None:
    for text in YAML_BLOCK.findall(path.read_text("utf-8")):
        assert read_document(text)["slug"]


def test_words_stand_in_the_code() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs/words.md").read_text("utf-8"), re.M)
    words = [word.strip() for row in rows[1:] for word in row.split(",") if word[0] != "-"]

    assert words
    assert [word for word in words if not re.search(rf"\b{word}", code(), re.I)] == []


@cache
def code() -> str:
    """All sources of the packages, as one text."""
    files = [file for package in (*CODE, "web", "work") for file in ROOT.glob(f"{package}/**/*.py")]
    return "\n".join(file.read_text("utf-8") for file in files)
