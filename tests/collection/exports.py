"""Small invented exports in every format, and zips of them. Nobody in them exists."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SAID = ["I live near Bern.", "A fine place."]


def message(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    """A message of a ChatGPT tree."""
    kind = "text" if all(isinstance(part, str) for part in parts) else "multimodal_text"
    content = {"content_type": kind, "parts": list(parts)}
    return {"author": {"role": role}, "content": content, "recipient": "all"} | more


def tree(
    nodes: Mapping[str, tuple[str | None, dict[str, Any] | None]],
    current: str | None,
    name: str = "g1",
    **more: Any,
) -> dict[str, Any]:
    """A ChatGPT conversation: node → (parent, message)."""
    mapping: dict[str, Any] = {
        node: {"id": node, "parent": parent, "message": said, "children": []}
        for node, (parent, said) in nodes.items()
    }
    row = {"conversation_id": name, "title": "Moving", "create_time": 1_700_000_000.25}
    return row | {"current_node": current, "mapping": mapping} | more


def chain(*contents: str, name: str = "g1", **more: Any) -> dict[str, Any]:
    """A ChatGPT conversation of one way: the person and the model in turns."""
    nodes: dict[str, tuple[str | None, dict[str, Any] | None]] = {"root": (None, None)}
    before = "root"
    for position, content in enumerate(contents or SAID):
        role = "assistant" if position % 2 else "user"
        nodes[f"n{position}"] = (before, message(role, content))
        before = f"n{position}"
    return tree(nodes, before, name, **more)


def claude(*contents: str, name: str = "k1", **more: Any) -> dict[str, Any]:
    """A Claude conversation."""
    messages = [
        {"sender": "assistant" if n % 2 else "human", "text": text, "content": [text_block(text)]}
        for n, text in enumerate(contents or SAID)
    ]
    row = {"uuid": name, "name": "Moving", "created_at": "2023-11-14T22:13:20.250000Z"}
    return row | {"chat_messages": messages} | more


def text_block(text: str) -> dict[str, str]:
    """A block of text of a Claude message."""
    return {"type": "text", "text": text}


def sharegpt(*contents: str, name: str = "s1") -> dict[str, Any]:
    """A ShareGPT conversation."""
    turns = [
        {"from": "gpt" if n % 2 else "human", "value": text}
        for n, text in enumerate(contents or SAID)
    ]
    return {"id": name, "conversations": turns}


def wildchat(*contents: str, name: str = "w1") -> dict[str, Any]:
    """A WildChat row with the columns about a person that are never read."""
    turns = [
        {"role": "assistant" if n % 2 else "user", "content": text, "hashed_ip": "canary-ip"}
        for n, text in enumerate(contents or SAID)
    ]
    return {
        "conversation_hash": name,
        "model": "gpt-x",
        "timestamp": "2023-11-14 22:13:20+00:00",
        "conversation": turns,
        "hashed_ip": "canary-ip",
        "header": {"user-agent": "canary-agent"},
        "country": "canary-country",
    }


def plain(*contents: str, name: str = "p1", under: str = "turns") -> dict[str, Any]:
    """A row of plain JSON lines."""
    turns = [
        {"role": "assistant" if n % 2 else "user", "content": text}
        for n, text in enumerate(contents or SAID)
    ]
    return {"id": name, "title": "Moving", under: turns}


def listed(*rows: Any) -> bytes:
    """The rows as a JSON list."""
    return json.dumps(rows).encode()


def in_lines(*rows: Any) -> bytes:
    """The rows as JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def zipped(members: Mapping[str, bytes] | Iterable[tuple[str, bytes]], **how: Any) -> bytes:
    """A zip with these members."""
    made = io.BytesIO()
    pairs: Sequence[tuple[str, bytes]] = list(
        members.items() if isinstance(members, Mapping) else members
    )
    with zipfile.ZipFile(made, "w", **{"compression": zipfile.ZIP_DEFLATED, **how}) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return made.getvalue()
