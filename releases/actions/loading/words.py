"""Loading conversations with every edition of their turns."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from collection.models import Conversation, Turn
from releases.actions.loading.load import Entry, Load, optional
from releases.bundle.lines import Refused
from releases.bundle.records import ConversationRecord, EarlierTurn, TurnPart
from studies.bulk import Row, insert, new_id
from studies.models import Participant

CONVERSATION = (
    "id", "study_id", "ref", "participant_id", "source", "model_names", "language", "title",
    "extra",
)  # fmt: skip
TURN = ("id", "conversation_id", "position", "edition", "role", "content", "extra")


def load_conversations(load: Load, entries: list[Entry[ConversationRecord]]) -> None:
    """Write conversations and their turns."""
    people = load.ids(Participant, (entry.record.participant for entry in entries))
    conversations: list[Row] = []
    turns: list[Row] = []

    def take(entry: Entry[ConversationRecord]) -> None:
        record = entry.record
        participant_id = optional(people, record.participant, "participant")
        id = new_id()
        rows = list(_turn_rows(id, record))
        conversations.append(
            (
                id, load.study.id, record.id, participant_id, record.source,
                record.models or [], record.language or "", record.title or "", record.extra,
            )
        )  # fmt: skip
        turns.extend(rows)

    load.taken(load.unknown(Conversation, entries), take)
    insert(Conversation, CONVERSATION, conversations)
    insert(Turn, TURN, turns)


def _turn_rows(conversation: UUID, record: ConversationRecord) -> Iterator[tuple[Any, ...]]:
    for index, turn in enumerate(record.turns):
        position = index if turn.position is None else turn.position
        if turn.earlier:
            _check_editions(turn, index)
        parts: list[EarlierTurn | TurnPart] = [*turn.earlier, turn]
        for part in parts:
            yield (
                new_id(), conversation, position, part.edition, part.role, part.content,
                part.extra,
            )  # fmt: skip


def _check_editions(turn: TurnPart, index: int) -> None:
    editions = [part.edition for part in turn.earlier]
    if len(set(editions)) < len(editions) or max(editions) >= turn.edition:
        raise Refused(
            f"turns[{index}].earlier", "editions are not distinct and below the turn's own"
        )
