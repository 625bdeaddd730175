"""Records of conversations with their turns."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from collection.models import Conversation, Turn
from releases.batches import batches
from releases.bundle.canonical import Record, add_extra, add_present, canonical
from studies.models import Study

AT_A_TIME = 200


def conversation_records(study: Study) -> Iterator[Record]:
    """What was said, with what stood there before an edit."""
    rows = Conversation.objects.filter(study=study).order_by("ref").values_list(
        "id", "ref", "participant__ref", "source", "model_names", "language", "title", "extra"
    )  # fmt: skip
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        turns = _turns(row[0] for row in batch)
        for id, ref, person, source, models, language, title, extra in batch:
            record: Record = {
                "kind": "conversation",
                "id": ref,
                "participant": person,
                "source": source,
                "models": canonical(models),
                "turns": list(_turn_records(turns.get(id, []))),
            }
            add_present(record, language=language, title=title)
            yield add_extra(record, extra)


def _turns(conversations: Iterable[UUID]) -> dict[UUID, list[Turn]]:
    found: dict[UUID, list[Turn]] = defaultdict(list)
    rows = Turn.objects.filter(conversation__in=list(conversations))
    for turn in rows.order_by("conversation", "position", "edition"):
        found[turn.conversation_id].append(turn)
    return found


def _turn_records(turns: Sequence[Turn]) -> Iterator[Record]:
    """One per position; a position is only written where counting would not give it."""
    editions: dict[int, list[Turn]] = {}
    for turn in turns:
        editions.setdefault(turn.position, []).append(turn)
    for index, (position, (*earlier, latest)) in enumerate(editions.items()):
        record: Record = {"role": latest.role, "content": latest.content}
        if position != index:
            record["position"] = position
        if latest.edition != 1:
            record["edition"] = latest.edition
        if earlier:
            record["earlier"] = [_earlier(turn) for turn in earlier]
        yield add_extra(record, latest.extra)


def _earlier(turn: Turn) -> dict[str, Any]:
    record: Record = {"edition": turn.edition, "role": turn.role, "content": turn.content}
    return add_extra(record, turn.extra)
