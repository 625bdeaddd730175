"""LAPS: people's multi-session dialogues with the preferences that they confirmed.

One record per person; each session becomes a conversation, each preference an attribute whose
author is the owner and whose evidence is the conversation, as the data names no spans.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from releases.bundle.lines import Fault, Line
from releases.importers.files import Shape, read_objects
from releases.importers.format import Findings, Format

CONSENT = {
    "basis": "external",
    "scopes": ["take_part", "peers", "models", "publish_words", "publish_ratings"],
    "version": "published under MIT",
}
SPEAKERS = {"User": "user", "Assistant": "assistant"}


class Utterance(Shape):
    """One message of a dialogue."""

    role: Literal["User", "Assistant"]
    turn_number: int
    message: str


class Session(Shape):
    """One dialogue and what it taught about the person, by category."""

    dialogue: list[Utterance]
    preferences: dict[str, list[str]]
    task_setting: str


class Person(Shape):
    """A person with all sessions of one topic."""

    worker_id: str
    topic: str
    sessions: list[Session]


def read(paths: Sequence[Path], findings: Findings) -> Iterator[Line | Fault]:
    """People, conversations and attributes; the findings are counted per file."""
    files: list[dict[str, Any]] = []
    findings["files"] = files
    people: set[str] = set()
    for path in paths:
        counts: Counter[str] = Counter()
        for number, person in read_objects(path, Person):
            if isinstance(person, Fault):
                yield person
                continue
            counts.update(_counted(person))
            if person.worker_id not in people:
                people.add(person.worker_id)
                yield Line(str(path), number, "participant", _participant(person))
            for kind, record in _records(person):
                yield Line(str(path), number, kind, record)
        files.append(_finding(path, counts))


def _counted(person: Person) -> Counter[str]:
    sessions = len(person.sessions)
    said = sum(len(session.dialogue) for session in person.sessions)
    kept = sum(len(v) for s in person.sessions for v in s.preferences.values())
    return Counter(
        {
            f"people with {sessions}": 1,
            "dialogues": sessions,
            "utterances": said,
            "preferences": kept,
        }
    )


def _finding(path: Path, counts: Counter[str]) -> dict[str, Any]:
    prefix = "people with "
    by_sessions = {
        key.removeprefix(prefix): counts[key] for key in sorted(counts) if key.startswith(prefix)
    }
    names = ("utterances", "dialogues", "preferences")
    return {
        "file": path.name,
        "people_by_sessions": by_sessions,
        **{name: counts[name] for name in names},
    }


def _participant(person: Person) -> dict[str, Any]:
    return {"id": person.worker_id, "consent": CONSENT}


def _records(person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, session in enumerate(person.sessions, start=1):
        ref = f"{person.topic}-{person.worker_id}-{index}"
        yield "conversation", _conversation(ref, person, session)
        for category, texts in session.preferences.items():
            for n, text in enumerate(texts, start=1):
                yield "attribute", _attribute(f"{ref}-{category}-{n}", ref, person, category, text)


def _conversation(ref: str, person: Person, session: Session) -> dict[str, Any]:
    turns = [{"role": SPEAKERS[said.role], "content": said.message} for said in session.dialogue]
    return {
        "id": ref,
        "participant": person.worker_id,
        "source": "imported",
        "turns": turns,
        "topic": person.topic,
        "task_setting": session.task_setting,
    }


def _attribute(
    ref: str, conversation: str, person: Person, category: str, text: str
) -> dict[str, Any]:
    """The category is part of the statement: "cinnamon" alone says nothing."""
    return {
        "id": ref,
        "participant": person.worker_id,
        "text": f"{category.replace('_', ' ')}: {text}",
        "type": "preference",
        "evidence": [{"conversation": conversation}],
        "author": "owner",
        "category": category,
        "value": text,
    }


def document(slug: str) -> Mapping[str, Any]:
    """Stage 1 with its default rubric: what models extract is held against what people kept."""
    return {
        "slug": slug,
        "title": {"en": "LAPS"},
        "description": {"en": "People's dialogues with the preferences that they confirmed."},
        "languages": ["en"],
        "judges": [{"name": "plain", "endpoint": "default"}],
        "stages": {"extraction": {"overlap": {"peer": 3}, "rubric": "default"}},
    }


LAPS = Format(name="laps", read=read, document=document)
