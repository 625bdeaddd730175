"""Prompts as files: read by name, named by their digest, filled with our own words only.

What people and models wrote is hostile. It never enters the instructions: it travels as one JSON
document in a message of its own, where no text can close the string it stands in. Delimiters
drawn at random would do no more, and the same question would no longer be the same request.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

FOLDER = Path(__file__).parent / "prompts"
SUFFIX = ".md"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class PromptFile:
    """The instructions of one task as they stand in a file."""

    name: str
    version: str
    """The name, `@`, and the first 12 hex digits of the file's SHA-256."""
    text: str

    def render(self, **facts: str) -> str:
        """The instructions with every `$fact` filled in; raises KeyError if one is missing."""
        return Template(self.text).substitute(facts).strip()


def load(name: str, folder: Path = FOLDER) -> PromptFile:
    """The prompt file of this name; raises LookupError with a sentence if there is none."""
    if name not in names(folder):
        known = ", ".join(names(folder))
        raise LookupError(f"There is no prompt named “{name}”; there are {known}.")
    return _read(folder / f"{name}{SUFFIX}")


def names(folder: Path = FOLDER) -> list[str]:
    """The names of a folder's prompts, sorted."""
    stems = [path.stem for path in folder.glob(f"*{SUFFIX}")]
    return sorted(stem for stem in stems if NAME.fullmatch(stem))


@cache
def _read(path: Path) -> PromptFile:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    return PromptFile(path.stem, f"{path.stem}@{digest[:12]}", body.decode())


def as_document(facts: Any) -> str:
    """What others wrote, as the one JSON document that a message consists of."""
    return json.dumps(facts, ensure_ascii=False, indent=1)


def messages(instructions: str, facts: Any) -> list[dict[str, str]]:
    """Our instructions, and below them what they are about."""
    return [
        {"role": "system", "content": instructions},
        {"role": "user", "content": as_document(facts)},
    ]
