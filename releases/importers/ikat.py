"""TREC iKAT 2023: a person's statements, dialogues about a topic, and two pools of labels.

Each topic is a person of its own (the same number's variants know different things). A labelled
turn becomes a prompt with the turns before it; each statement labelled for it, by either pool, an
item; all items of a turn one task. The pools, NIST's assessors and the organisers, are raters of
kind human in the roles peer and expert: they are not single persons, but neither are they
published means, and agreement between two sets of first-hand labels is what is wanted of them.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releases.bundle.lines import Fault, Line
from releases.importers.files import Shape, read_objects
from releases.importers.format import Findings, Format

TOPICS = {"train": "2023_train_topics.json", "test": "2023_test_topics.json"}
POOLS = {"nist": ("ptkb_rel_nist", "peer"), "org": ("ptkb_rel_org", "expert")}
"""Pool → file, role."""
CONSENT = {
    "basis": "none",
    "scopes": ["peers", "models", "publish_words", "publish_ratings"],
    "version": "published under MIT",
}
LABELS = {"0": False, "1": True}


class TurnShape(Shape):
    """What the person asked, and what was answered."""

    turn_id: int
    utterance: str
    response: str


class Topic(Shape):
    """A person's statements and one dialogue."""

    number: str
    title: str
    ptkb: dict[str, str]
    turns: list[TurnShape]


@dataclass(frozen=True, slots=True)
class Label:
    """One pool's verdict on one statement for one turn."""

    line: int
    turn: str
    statement: str
    is_relevant: bool

    @property
    def item(self) -> str:
        """The ref of the item it is about."""
        return f"{self.turn}:{self.statement}"


def read(paths: Sequence[Path], findings: Findings) -> Iterator[Line | Fault]:
    """The folder with topics and labels."""
    for folder in paths:
        if not folder.is_dir():
            yield Fault(str(folder), 0, "", "is no folder; give the one with topics and labels")
            continue
        labels: dict[str, list[Label]] = {}
        for pool, (name, _role) in POOLS.items():
            labels[pool] = yield from _labels(folder / name)
        judged = {label.turn: set[str]() for pool in labels.values() for label in pool}
        for pool_labels in labels.values():
            for label in pool_labels:
                judged[label.turn].add(label.statement)
        findings["topics"] = yield from _topics(folder, judged)
        yield from _pools(folder, labels)
        findings.update(_counted(labels))


def _counted(labels: Mapping[str, Sequence[Label]]) -> Findings:
    pairs = {pool: {label.item for label in given} for pool, given in labels.items()}
    shares = {
        pool: round(100 * sum(label.is_relevant for label in given) / len(given), 2)
        for pool, given in labels.items()
        if given
    }
    return {
        "rows": {pool: len(given) for pool, given in labels.items()},
        "labelled_by_both": len(pairs["nist"] & pairs["org"]),
        "percent_relevant": shares,
    }


def _labels(path: Path) -> Generator[Fault, None, list[Label]]:
    labels: list[Label] = []
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        yield Fault(str(path), 0, "", f"cannot be read: {error.strerror}")
        return labels
    for number, raw in enumerate(lines, start=1):
        parts = raw.decode(errors="replace").split()
        if len(parts) == 4 and parts[3] in LABELS:
            labels.append(Label(number, parts[0], parts[2], LABELS[parts[3]]))
        elif parts:
            yield Fault(str(path), number, "", "is not TURN 0 STATEMENT 0|1")
    return labels


def _topics(
    folder: Path, judged: Mapping[str, set[str]]
) -> Generator[Line | Fault, None, dict[str, int]]:
    counts = dict.fromkeys(TOPICS, 0)
    for split, name in TOPICS.items():
        path = folder / name
        for number, topic in read_objects(path, Topic):
            if isinstance(topic, Fault):
                yield topic
                continue
            counts[split] += 1
            for kind, record in _records(topic, split, judged):
                yield Line(str(path), number, kind, record)
    return counts


def _records(
    topic: Topic, split: str, judged: Mapping[str, set[str]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    person = topic.number
    yield "participant", {"id": person, "consent": CONSENT}
    yield "conversation", _conversation(topic, split)
    for number, text in topic.ptkb.items():
        yield "attribute", {"id": f"{person}:{number}", "participant": person, "text": text}
    for index, turn in enumerate(topic.turns):
        ref = f"{person}_{turn.turn_id}"
        if ref in judged:
            yield "prompt", _prompt(ref, topic, index)
            yield from _pairs(ref, person, sorted(judged[ref], key=lambda n: (len(n), n)))


def _conversation(topic: Topic, split: str) -> dict[str, Any]:
    """The person's side carries what the file says of a turn beside its words."""
    turns: list[dict[str, Any]] = []
    for turn in topic.turns:
        asked = {"role": "user", "content": turn.utterance, "turn_id": turn.turn_id}
        turns += [asked | (turn.model_extra or {}), {"role": "assistant", "content": turn.response}]
    return {
        "id": topic.number,
        "participant": topic.number,
        "source": "imported",
        "title": topic.title,
        "turns": turns,
        "split": split,
    }


def _prompt(ref: str, topic: Topic, index: int) -> dict[str, Any]:
    before: list[dict[str, str]] = []
    for turn in topic.turns[:index]:
        before.append({"role": "user", "content": turn.utterance})
        before.append({"role": "assistant", "content": turn.response})
    text = topic.turns[index].utterance
    return {"id": ref, "participant": topic.number, "text": text, "before": before}


def _pairs(
    turn: str, person: str, statements: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """An item per statement, all of them on one screen."""
    for statement in statements:
        item = {"id": f"{turn}:{statement}", "stage": "relevance", "prompt": turn}
        yield "item", item | {"attribute": f"{person}:{statement}"}
    items = [{"item": f"{turn}:{statement}"} for statement in statements]
    yield "task", {"id": turn, "stage": "relevance", "items": items}


def _pools(folder: Path, labels: Mapping[str, Sequence[Label]]) -> Iterator[Line]:
    for pool, (name, role) in POOLS.items():
        path = str(folder / name)
        yield Line(path, 0, "rater", {"id": pool, "rater_kind": "human", "is_pool": True})
        for label in labels[pool]:
            record = {
                "id": f"{label.item}:{pool}",
                "item": label.item,
                "task": label.turn,
                "rater": pool,
                "role": role,
                "answers": {"relevance": label.is_relevant},
            }
            yield Line(path, label.line, "judgment", record)


def document(slug: str) -> Mapping[str, Any]:
    """Stage 2 with the plain yes or no of the published labels."""
    wording = {"en": "Is it relevant for the answer to this request?"}
    question = {
        "key": "relevance",
        "kind": "boolean",
        "scale": "nominal",
        "per": "item",
        "required": True,
        "wording": {"peer": wording, "llm": wording},
    }
    rubric = {"version": 1, "questions": [question]}
    return {
        "slug": slug,
        "title": {"en": "TREC iKAT 2023"},
        "languages": ["en"],
        "judges": [{"name": "plain", "endpoint": "default"}],
        "stages": {"relevance": {"overlap": {"peer": 1, "expert": 1}, "rubric": rubric}},
    }


IKAT = Format(name="ikat", read=read, document=document)
