"""Loading attributes with their evidence, prompts, responses and selections."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.functions import Length

from collection.models import Conversation, Turn
from generation.models import (
    Attribute,
    Evidence,
    GivenAttribute,
    GivenTurn,
    Prompt,
    Response,
    Selection,
)
from releases.actions.loading.load import ALREADY_THERE, Entry, Load, needed, optional
from releases.bundle.lines import Refused
from releases.bundle.records import (
    AttributeRecord,
    EvidencePart,
    GivenTurnPart,
    PromptRecord,
    ResponseRecord,
    SelectionRecord,
)
from studies.bulk import Row, insert, new_id
from studies.models import Participant

ATTRIBUTE = (
    "id", "study_id", "ref", "participant_id", "text", "type", "explicitness", "scope", "author",
    "flags", "provenance", "extra",
)  # fmt: skip
EVIDENCE = ("attribute_id", "conversation_id", "turn_id", "start", "end")
PROMPT = ("id", "study_id", "ref", "participant_id", "text", "before", "type", "extra")
RESPONSE = (
    "id", "study_id", "ref", "prompt_id", "participant_id", "strategy", "model", "text",
    "provenance", "extra",
)  # fmt: skip
GIVEN = ("response_id", "attribute_id", "position", "is_mentioned")
GIVEN_TURN = ("response_id", "turn_id", "position")
SELECTION = ("study_id", "prompt_id", "attribute_id", "source", "value", "provenance", "extra")


class TurnFacts(NamedTuple):
    """What evidence needs to know of a turn: its row and its length in code points."""

    id: UUID
    length: int


TurnKey = tuple[UUID, int, int]
"""Conversation, position, edition."""


def load_attributes(load: Load, entries: list[Entry[AttributeRecord]]) -> None:
    """Write statements and where they were said."""
    people = load.ids(Participant, (entry.record.participant for entry in entries))
    parts = [part for entry in entries for part in entry.record.evidence or ()]
    conversations = load.ids(Conversation, (part.conversation for part in parts))
    turns = _turns(conversations, parts)
    attributes: list[Row] = []
    evidence: list[Row] = []

    def take(entry: Entry[AttributeRecord]) -> None:
        record = entry.record
        id = new_id()
        participant_id = optional(people, record.participant, "participant")
        rows = [
            (id, *_span(part, f"evidence[{index}]", conversations, turns))
            for index, part in enumerate(record.evidence or ())
        ]
        attributes.append(
            (
                id, load.study.id, record.id, participant_id, record.text, record.type or "",
                record.explicitness or "", record.scope or "", record.author, record.flags,
                record.provenance, record.extra,
            )
        )  # fmt: skip
        evidence.extend(rows)

    load.taken(load.unknown(Attribute, entries), take)
    insert(Attribute, ATTRIBUTE, attributes)
    insert(Evidence, EVIDENCE, evidence)


def _turns(
    conversations: dict[str, UUID], parts: Iterable[EvidencePart | GivenTurnPart]
) -> dict[TurnKey, TurnFacts]:
    spans = [part for part in parts if part.turn is not None]
    meant = {conversations.get(part.conversation) for part in spans} - {None}
    if not meant:
        return {}
    rows = Turn.objects.filter(
        conversation__in=meant, position__in={part.turn for part in spans}
    ).order_by()
    columns = ("conversation_id", "position", "edition", "id")
    return {
        (conversation, position, edition): TurnFacts(id, length)
        for conversation, position, edition, id, length in rows.values_list(
            *columns, Length("content")
        )
    }


def _span(
    part: EvidencePart,
    place: str,
    conversations: dict[str, UUID],
    turns: dict[TurnKey, TurnFacts],
) -> tuple[Any, ...]:
    conversation = needed(conversations, part.conversation, f"{place}.conversation")
    if part.turn is None:
        return conversation, None, None, None
    turn = turns.get((conversation, part.turn, part.edition))
    if turn is None:
        raise Refused(f"{place}.turn", f"the conversation has no turn {part.turn}")
    if part.end is not None and part.end > turn.length:
        raise Refused(f"{place}.end", f"is beyond the turn, which has {turn.length} code points")
    return conversation, turn.id, part.start, part.end


def load_prompts(load: Load, entries: list[Entry[PromptRecord]]) -> None:
    """Write new requests."""
    people = load.ids(Participant, (entry.record.participant for entry in entries))
    rows: list[Row] = []

    def take(entry: Entry[PromptRecord]) -> None:
        record = entry.record
        before = [
            {"role": turn.role, "content": turn.content, **turn.extra}
            for turn in record.before or ()
        ]
        rows.append(
            (
                new_id(), load.study.id, record.id,
                optional(people, record.participant, "participant"), record.text, before,
                record.type or "", record.extra,
            )
        )  # fmt: skip

    load.taken(load.unknown(Prompt, entries), take)
    insert(Prompt, PROMPT, rows)


def load_responses(load: Load, entries: list[Entry[ResponseRecord]]) -> None:
    """Write replies, and the attributes and turns they were given."""
    people = load.ids(Participant, (entry.record.participant for entry in entries))
    prompts = load.ids(Prompt, (entry.record.prompt for entry in entries))
    attributes = load.ids(
        Attribute, (ref for entry in entries for ref in entry.record.attributes or ())
    )
    parts = [part for entry in entries for part in entry.record.turns]
    conversations = load.ids(Conversation, (part.conversation for part in parts))
    turns = _turns(conversations, parts)
    responses: list[Row] = []
    given: list[Row] = []
    read: list[Row] = []

    def take(entry: Entry[ResponseRecord]) -> None:
        record = entry.record
        id = new_id()
        row = (
            id, load.study.id, record.id, needed(prompts, record.prompt, "prompt"),
            optional(people, record.participant, "participant"), record.strategy or "",
            record.model or "", record.text, record.provenance, record.extra,
        )  # fmt: skip
        rows = _given_rows(id, record, attributes)
        read.extend(_read_rows(id, record, conversations, turns))
        given.extend(rows)
        responses.append(row)

    load.taken(load.unknown(Response, entries), take)
    insert(Response, RESPONSE, responses)
    insert(GivenAttribute, GIVEN, given)
    insert(GivenTurn, GIVEN_TURN, read)


def _given_rows(id: UUID, record: ResponseRecord, attributes: dict[str, UUID]) -> list[Row]:
    refs = record.attributes or []
    positions = record.positions or range(len(refs))
    if len(positions) != len(refs):
        raise Refused("positions", "is not as long as attributes")
    if len(set(refs)) < len(refs):
        raise Refused("attributes", "names an attribute twice")
    if strangers := record.mentioned.keys() - set(refs):
        raise Refused("mentioned", f"“{min(strangers)}” is not among the attributes")
    return [
        (id, needed(attributes, ref, f"attributes[{n}]"), positions[n], record.mentioned.get(ref))
        for n, ref in enumerate(refs)
    ]


def _read_rows(
    id: UUID,
    record: ResponseRecord,
    conversations: dict[str, UUID],
    turns: dict[TurnKey, TurnFacts],
) -> list[Row]:
    rows: dict[UUID, Row] = {}
    for index, part in enumerate(record.turns):
        place = f"turns[{index}]"
        conversation = needed(conversations, part.conversation, f"{place}.conversation")
        turn = turns.get((conversation, part.turn, part.edition))
        if turn is None:
            raise Refused(f"{place}.turn", f"the conversation has no turn {part.turn}")
        if turn.id in rows:
            raise Refused(place, "names a turn twice")
        rows[turn.id] = (id, turn.id, index)
    return list(rows.values())


def load_selections(load: Load, entries: list[Entry[SelectionRecord]]) -> None:
    """Write which attributes were chosen for which prompts."""
    prompts = load.ids(Prompt, (entry.record.prompt for entry in entries))
    attributes = load.ids(Attribute, (entry.record.attribute for entry in entries))
    chosen = set(
        Selection.objects.filter(
            prompt__in=prompts.values(), attribute__in=attributes.values()
        ).values_list("prompt", "attribute", "source")
    )
    rows: list[Row] = []

    def take(entry: Entry[SelectionRecord]) -> None:
        record = entry.record
        key = (
            needed(prompts, record.prompt, "prompt"),
            needed(attributes, record.attribute, "attribute"),
            record.source,
        )
        if key in chosen:
            raise Refused("source", ALREADY_THERE)
        chosen.add(key)
        rows.append((load.study.id, *key, record.value, record.provenance, record.extra))

    load.taken(entries, take)
    insert(Selection, SELECTION, rows)
