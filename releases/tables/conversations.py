"""What was said: one row per turn as it stands now, where its person lets the words go."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from collection.models import Conversation, Turn
from releases.columns import INTEGER, TEXT, TEXTS, schema_of
from releases.paging import pages
from releases.tables.table import Row, Source, Table

CONVERSATIONS_PER_PAGE = 200
TURNS_AT_ONCE = 100

SCHEMA = schema_of(
    [
        ("conversation", TEXT),
        ("subject", TEXT),
        ("source", TEXT),
        ("models", TEXTS),
        ("language", TEXT),
        ("turn", INTEGER),
        ("edition", INTEGER),
        ("role", TEXT),
        ("content", TEXT),
    ]
)


def current_turns() -> QuerySet[Turn]:
    """Turns that no later edition replaces. What an edit took out must never leave again."""
    later = Turn.objects.filter(
        conversation=OuterRef("conversation"),
        position=OuterRef("position"),
        edition__gt=OuterRef("edition"),
    )
    return Turn.objects.filter(~Exists(later))


def rows(source: Source) -> Iterator[Row]:
    """Turns in the order of conversations' refs. Two queries per two hundred conversations."""
    conversations = Conversation.objects.filter(study=source.study).values_list(
        "ref", "id", "participant_id", "source", "model_names", "language"
    )
    for page in pages(conversations, CONVERSATIONS_PER_PAGE):
        kept = {row[1]: row for row in page if source.people.allow_words(row[2])}
        turns = current_turns().filter(conversation__in=list(kept))
        for turn in _read(turns):
            yield _row(kept[turn[0]], turn, source)


def _read(turns: QuerySet[Turn]) -> Iterator[tuple[Any, ...]]:
    """Turns of a page of conversations; the database hands over a hundred at a time."""
    return (
        turns.order_by("conversation__ref", "position")
        .values_list("conversation_id", "position", "edition", "role", "content")
        .iterator(chunk_size=TURNS_AT_ONCE)
    )


def _row(conversation: tuple[Any, ...], turn: tuple[Any, ...], source: Source) -> Row:
    ref, _id, person, came_by, models, language = conversation
    _conversation, position, edition, role, content = turn
    return {
        "conversation": ref,
        "subject": source.people.ref(person),
        "source": came_by,
        "models": models,
        "language": language or None,
        "turn": position,
        "edition": edition,
        "role": role,
        "content": content,
    }


TABLE = Table(
    name="conversations",
    title="What was said, turn by turn, where the person allows the words to be published.",
    key="conversation",
    schema=lambda _source: SCHEMA,
    rows=rows,
    formats=("parquet", "jsonl"),
    rows_per_group=500,
)
