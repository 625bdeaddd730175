"""Train, validation and test: fixed by seed, disjoint in persons and in prompts.

Persons and prompts that share anything are one component, and a component is never divided: a
prompt belongs with the person it comes from, with everybody whose attributes were judged for it
or for whom it was answered, and with every prompt of the same text. (Persons are those whom the
data is about. Raters may have judged in all three parts: otherwise one diligent rater would tie
all items together.) An attribute or conversation without a person stands for itself.

A component goes where SHA-256 of the seed and its name points: 80 % train, 10 % validation,
10 % test, in expectation. Its name is its smallest member, so a release keeps the parts of the
one before unless new data ties components together. One component is one draw: a study of few
persons may have an empty validation or test part.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from annotation.models import Item
from collection.models import Conversation
from generation.models import Attribute, Evidence, Prompt
from releases.tables.table import Row
from studies.models import Participant, Study

PARTS = ("train", "validation", "test")
UP_TO = {"train": 0.8, "validation": 0.9, "test": 1.0}

KINDS = ("subject", "prompt", "attribute", "conversation")
"""Columns that name a node of the graph; the first that a row has decides, since all agree: what
has a person hangs on the person."""

Node = tuple[str, str]
"""A kind and a ref (of a text: its digest)."""


class Components:
    """A union-find over nodes: which of them hang together."""

    def __init__(self) -> None:
        self._parents: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """The smallest member of the node's component."""
        parent = self._parents.setdefault(node, node)
        while parent != self._parents[parent]:
            # Halve the path, so that finding stays short.
            self._parents[parent] = self._parents[self._parents[parent]]
            parent = self._parents[parent]
        self._parents[node] = parent
        return parent

    def join(self, nodes: Iterable[Node]) -> None:
        """Make one component of these nodes and all that hangs on them."""
        roots = sorted({self.find(node) for node in nodes})
        for root in roots[1:]:
            self._parents[root] = roots[0]

    def names(self) -> dict[Node, Node]:
        """Every node with its component's name."""
        return {node: self.find(node) for node in self._parents}


class Splits:
    """Which part everything of a study belongs to.

    Memory grows with persons and prompts (about 300 bytes each), not with judgments.
    """

    def __init__(self, components: Components, seed: int) -> None:
        self._parts = {node: part_of(name, seed) for node, name in components.names().items()}

    def part(self, row: Row) -> str:
        """The part of a row of any table, by the persons and things it names."""
        for kind in KINDS:
            if ref := row.get(kind):
                return self._parts[kind, ref]
        raise LookupError("a row that is about nothing has no part")


def part_of(name: Node, seed: int) -> str:
    """The part that a component of this name is drawn into."""
    digest = hashlib.sha256(f"{seed}:{name[0]}:{name[1]}".encode()).digest()
    drawn = int.from_bytes(digest[:8]) / 2**64
    return next(part for part, limit in UP_TO.items() if drawn < limit or part == PARTS[-1])


def splits_of(study: Study, seed: int) -> Splits:
    """The parts of a study as it is now. Six queries, read as they come."""
    components = Components()
    for nodes in chain(_persons(study), _prompts(study), _evidence(study), _items(study)):
        components.join(nodes)
    return Splits(components, seed)


def _whose(kind: str, ref: str | None, person: str | None) -> list[Node]:
    """The node that something hangs on: its person, else itself; none if it does not exist."""
    if person:
        return [("subject", person)]
    return [(kind, ref)] if ref else []


def _persons(study: Study) -> Iterator[list[Node]]:
    for (ref,) in _refs(Participant.objects.filter(study=study), "ref"):
        yield [("subject", ref)]
    for model, kind in ((Attribute, "attribute"), (Conversation, "conversation")):
        alone = model.objects.filter(study=study, participant__isnull=True)
        for (ref,) in _refs(alone, "ref"):
            yield [(kind, ref)]


def _prompts(study: Study) -> Iterator[list[Node]]:
    prompts = Prompt.objects.filter(study=study)
    for ref, person, text in _refs(prompts, "ref", "participant__ref", "text"):
        wording = hashlib.sha256(text.encode()).hexdigest()
        yield [("prompt", ref), ("text", wording), *_whose("", None, person)]


def _evidence(study: Study) -> Iterator[list[Node]]:
    """Attributes hang together with the conversations they were found in."""
    rows = Evidence.objects.filter(attribute__study=study)
    columns = ("attribute", "conversation")
    paths = [f"{name}__{ref}" for name in columns for ref in ("ref", "participant__ref")]
    for attribute, author, conversation, speaker in _refs(rows, *paths):
        yield [
            *_whose("attribute", attribute, author),
            *_whose("conversation", conversation, speaker),
        ]


def _items(study: Study) -> Iterator[list[Node]]:
    """An item ties everybody together whom it is about."""
    rows = Item.objects.filter(study=study)
    paths = [
        f"{name}__{ref}"
        for name in ("attribute", "conversation", "prompt")
        for ref in ("ref", "participant__ref")
    ]
    persons = ["first__participant__ref", "second__participant__ref"]
    for values in _refs(rows, *paths, *persons):
        attribute, author, conversation, speaker, prompt, asker, first, second = values
        yield [
            *_whose("attribute", attribute, author),
            *_whose("conversation", conversation, speaker),
            *_whose("prompt", prompt, None),
            *(("subject", person) for person in (asker, first, second) if person),
        ]


def _refs(rows: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    return rows.values_list(*columns).iterator()
