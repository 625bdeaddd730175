"""How a typed answer is asked for in the words of a prompt, and how its schema is named."""

import re
from typing import Any

from work.keys import canonical_json

Schema = dict[str, Any]

INSTRUCTION = "Answer with one JSON value that follows this JSON schema, and with nothing else:\n"


def instructed(messages: list[dict[str, str]], schema: Schema) -> list[dict[str, str]]:
    """The schema goes to the end of the last message: some servers take one system message."""
    last = messages[-1]
    text = f"{last.get('content', '')}\n\n{INSTRUCTION}{canonical_json(schema)}"
    return [*messages[:-1], {**last, "content": text}]


def schema_name(task: str) -> str:
    """A task's name with the letters that servers take."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", task)[:64] or "answer"
