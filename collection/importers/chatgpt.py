"""ChatGPT's export: each conversation a tree of messages, with the leaf that was looked at last.

A branch begins where a message was edited or a reply asked for again. Kept are the texts of user
and assistant along the way from the root to a leaf. Dropped are hidden messages, instructions about
the account, calls of tools and what tools returned, and the model's thoughts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from collection.importers.format import Format, Past, PastTurn, Row, Shape, Unusable
from collection.importers.limits import MOST_TURNS, MOST_VERSIONS
from collection.importers.moments import moment_of

MOST_NODES = 5 * MOST_TURNS
"""Of one tree; a turn comes with a few hidden nodes."""
ROLES = ("user", "assistant")
TEXTS = ("text", "multimodal_text")
"""Types of content that are shown as what somebody said."""
SEEN_BY_ALL = ("all", "", None)
"""Whom a message is for; any other recipient is a tool."""
PLACEHOLDERS = {
    "image_asset_pointer": "[image]",
    "audio_asset_pointer": "[audio]",
    "real_time_user_audio_video_asset_pointer": "[audio]",
}


class Author(Shape):
    """Who wrote a message."""

    role: str


class Message(Shape):
    """What stands at a node."""

    author: Author
    content: dict[str, Any] | None = None
    recipient: str | None = None
    metadata: dict[str, Any] | None = None


class Node(Shape):
    """A place in the tree."""

    parent: str | None = None
    message: Message | None = None


class Export(Shape):
    """One conversation."""

    id: str | None = None
    conversation_id: str | None = None
    title: str | None = None
    create_time: Any = None
    current_node: str | None = None
    mapping: dict[str, Node]


def recognizes(row: Row) -> bool:
    """Is the row a conversation of such an export?"""
    return isinstance(row.get("mapping"), dict)


def read(row: Row) -> Past:
    """The conversation with its branches, the one that was looked at last first."""
    export = Export.model_validate(row)
    if len(export.mapping) > MOST_NODES:
        raise Unusable(_("It has more messages than can be read here."))
    turns, places = _turns(export.mapping)
    return Past(
        key=export.conversation_id or export.id or "",
        title=export.title or "",
        began_at=moment_of(export.create_time),
        turns=turns,
        versions=_versions(export, places),
    )


def _turns(nodes: Mapping[str, Node]) -> tuple[list[PastTurn], dict[str, int]]:
    """What was said, and at which node each of it stands."""
    turns: list[PastTurn] = []
    places: dict[str, int] = {}
    for name, node in nodes.items():
        if node.message and (content := _text(node.message)):
            places[name] = len(turns)
            turns.append(PastTurn(node.message.author.role, content, _model(node.message)))
    return turns, places


def _versions(export: Export, places: Mapping[str, int]) -> list[Sequence[int]]:
    """A way per leaf that tells something of its own: the current one, then the latest leaves."""
    nodes = export.mapping
    parents = {node.parent for node in nodes.values()}
    leaves = [name for name in reversed(nodes) if name not in parents]
    current = [export.current_node] if export.current_node in nodes else []
    told: set[str] = set()
    found: list[Sequence[int]] = []
    for leaf in [*current, *leaves]:
        end = _last_said(leaf, nodes, places, told)
        if end is not None and len(found) < MOST_VERSIONS:
            way = _way_to(end, nodes)
            told.update(way)
            found.append([places[name] for name in way if name in places])
    return found


def _last_said(
    leaf: str | None, nodes: Mapping[str, Node], places: Mapping[str, int], told: set[str]
) -> str | None:
    """The last node on the way to a leaf where something is said that is in no version so far.

    The nodes that are passed are added to `told`, so that all leaves together cost one walk.
    """
    place = leaf
    while place is not None and place in nodes and place not in told:
        if place in places:
            return place
        told.add(place)
        place = nodes[place].parent
    return None


def _way_to(leaf: str, nodes: Mapping[str, Node]) -> list[str]:
    """The nodes from the root to a leaf."""
    way: dict[str, None] = {}
    place: str | None = leaf
    while place is not None and place in nodes:
        if place in way:
            raise Unusable(_("Its messages follow one another in a circle."))
        way[place] = None
        place = nodes[place].parent
    return list(reversed(way))


def _text(message: Message) -> str:
    """What somebody said to somebody; empty for everything else."""
    content = message.content or {}
    is_said = (
        message.author.role in ROLES
        and message.recipient in SEEN_BY_ALL
        and content.get("content_type") in TEXTS
        and not (message.metadata or {}).get("is_visually_hidden_from_conversation")
    )
    parts = content.get("parts")
    if not is_said or not isinstance(parts, list):
        return ""
    text = "\n".join(filter(None, map(_part, parts)))
    return text if text.strip() else ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    text = part.get("text")
    if isinstance(text, str) and text:  # what was spoken, as it was written down
        return text
    return PLACEHOLDERS.get(str(part.get("content_type")), "[attachment]")


def _model(message: Message) -> str:
    name = (message.metadata or {}).get("model_slug")
    return name if isinstance(name, str) and message.author.role == "assistant" else ""


CHATGPT = Format(name="chatgpt", recognizes=recognizes, read=read)
