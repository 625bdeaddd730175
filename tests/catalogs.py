"""The catalogs of translations as tests read them: entries, their sources, what is compiled."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("ko", "ja", "zh_Hans", "es")
RESEARCHERS = (
    "annotation/actions/exclusions.py",
    "annotation/actions/replacing.py",
    "config/",
    "generation/budgets.py",
    "generation/stages.py",
    "releases/management/",
    "studies/payments.py",
    "studies/actions/payments.py",
    "studies/actions/invitations.py",
    "studies/recruitment/exports.py",
    "studies/recruitment/reconciliation.py",
    "templates/concern/list.html",
    "templates/pay/",
    "templates/operations/",
    "templates/people/",
    "templates/runs/",
    "templates/studies/",
    "web/judge_page.py",
    "web/held.py",
    "web/operations_page.py",
    "web/pay_page.py",
    "web/runs_page.py",
    "web/agreement_charts.py",
    "web/agreement_page.py",
    "web/raters_page.py",
    "web/study_money.py",
    "web/study_page.py",
    "web/templatetags/figures.py",
    "web/templatetags/runs.py",
    "web/views/agreement.py",
    "web/views/invitations.py",
    "web/views/judges.py",
    "web/views/operations.py",
    "web/views/pay.py",
    "web/views/people.py",
    "web/views/raters.py",
    "web/views/runs.py",
    "web/views/studies.py",
    "web/views/study.py",
    "work/actions/runs.py",
)
"""What only those read who run a study: English will do, translations are welcome."""
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0 +-]*[\d.]*[a-zA-Z]|%[sdif]|(?<!\{)\{(\w*)\}")
QUOTED = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d+\])?\s*"(.*)"$')


@dataclass(frozen=True)
class Entry:
    """One text: what it is in English, where it stands, and what it is in the other language."""

    texts: tuple[str, ...]
    translations: tuple[str, ...]
    sources: tuple[str, ...]
    is_fuzzy: bool
    context: str = ""

    @property
    def is_for_participants(self) -> bool:
        """Does anybody but a researcher read it?"""
        return any(not source.startswith(RESEARCHERS) for source in self.sources)

    @property
    def is_translated(self) -> bool:
        """Whole, and nobody has to look at it again."""
        return all(self.translations) and not self.is_fuzzy


def catalog(language: str) -> Path:
    """The catalog of a language."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def entries(path: Path) -> Iterator[Entry]:
    """The entries of a catalog but its header."""
    for block in path.read_text().split("\n\n"):
        entry = _entry(block)
        if entry.texts[0]:
            yield entry


def _entry(block: str) -> Entry:
    fields: dict[str, str] = {}
    sources: list[str] = []
    is_fuzzy, name = False, ""
    for line in block.splitlines():
        if line.startswith("#:"):
            sources += line[2:].split()
        elif line.startswith("#,"):
            is_fuzzy = is_fuzzy or "fuzzy" in line
        elif found := QUOTED.match(line):
            name = found[1] or name
            fields[name] = fields.get(name, "") + _plain(found[2])
    return Entry(
        tuple(text for key in ("msgid", "msgid_plural") if (text := fields.get(key)) is not None)
        or ("",),
        tuple(text for key, text in fields.items() if key.startswith("msgstr")),
        tuple(sources),
        is_fuzzy,
        fields.get("msgctxt", ""),
    )


def _plain(quoted: str) -> str:
    return (
        quoted.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    )


def placeholders(text: str) -> set[str]:
    """The names, or the kinds where they have none, of what is filled in."""
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def compiled(path: Path) -> dict[str, str]:
    """What a compiled catalog holds: msgid (a plural after a NUL) → translations, joined alike."""
    data = path.read_bytes()
    magic, _revision, count, originals, translations = struct.unpack_from("<5I", data)
    assert magic == 0x950412DE
    found = {}
    for place in range(count):
        length, offset = struct.unpack_from("<2I", data, originals + 8 * place)
        size, start = struct.unpack_from("<2I", data, translations + 8 * place)
        found[data[offset : offset + length].decode()] = data[start : start + size].decode()
    return found


def to_compile(path: Path) -> dict[str, str]:
    """What a catalog would compile to, in the same form."""
    found = {}
    for entry in entries(path):
        if entry.is_translated:
            context = f"{entry.context}\x04" if entry.context else ""
            found[context + "\0".join(entry.texts)] = "\0".join(entry.translations)
    return found
