"""Records of attributes, prompts, responses and selections."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Collate

from generation.models import (
    Attribute,
    Evidence,
    GivenAttribute,
    GivenTurn,
    Prompt,
    Response,
    Selection,
)
from releases.batches import batches
from releases.bundle.canonical import Record, add_extra, add_present
from studies.models import Study

AT_A_TIME = 1_000
NOWHERE = -1


def attribute_records(study: Study) -> Iterator[Record]:
    """Statements that may be remembered, with where they were said."""
    rows = Attribute.objects.remembered().filter(study=study).order_by("ref").values_list(
        "id", "ref", "participant__ref", "text", "type", "explicitness", "scope", "author",
        "flags", "provenance", "extra",
    )  # fmt: skip
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        evidence = _evidence(row[0] for row in batch)
        for id, ref, person, text, type, explicit, scope, author, flags, provenance, extra in batch:
            record: Record = {
                "kind": "attribute",
                "id": ref,
                "participant": person,
                "text": text,
                "type": type or None,
                "explicitness": explicit or None,
                "scope": scope or None,
                "evidence": evidence.get(id, []),
                "author": author,
            }
            add_present(record, flags=flags, provenance=provenance)
            yield add_extra(record, extra)


def _evidence(attributes: Iterable[UUID]) -> dict[UUID, list[Record]]:
    """By attribute, in the order of conversation, turn and span."""
    rows = Evidence.objects.filter(attribute__in=list(attributes)).values_list(
        "attribute_id", "conversation__ref", "turn__position", "turn__edition", "start", "end"
    )
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for attribute, *span in rows:
        found[attribute].append(tuple(NOWHERE if part is None else part for part in span))
    return {id: [_span(*span) for span in sorted(spans)] for id, spans in found.items()}


def _span(conversation: str, turn: int, edition: int, start: int, end: int) -> Record:
    record: Record = {"conversation": conversation}
    if turn != NOWHERE:
        record |= {"turn": turn, "start": start, "end": end}
        if edition != 1:
            record["edition"] = edition
    return record


def prompt_records(study: Study) -> Iterator[Record]:
    """New requests with the turns before them."""
    rows = Prompt.objects.filter(study=study).order_by("ref").values_list(
        "ref", "participant__ref", "text", "before", "type", "extra"
    )  # fmt: skip
    for ref, person, text, before, type, extra in rows.iterator(chunk_size=AT_A_TIME):
        record: Record = {
            "kind": "prompt",
            "id": ref,
            "participant": person,
            "text": text,
            "before": [_turn_before(turn) for turn in before],
            "type": type or None,
        }
        yield add_extra(record, extra)


def _turn_before(turn: dict[str, Any]) -> Record:
    record: Record = {"role": turn["role"], "content": turn["content"]}
    return add_extra(record, turn)


def response_records(study: Study) -> Iterator[Record]:
    """Replies with the attributes they were given, in their order."""
    rows = Response.objects.remembered().filter(study=study).order_by("ref").values_list(
        "id", "ref", "prompt__ref", "participant__ref", "strategy", "model", "text",
        "provenance", "extra",
    )  # fmt: skip
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        given = _given(row[0] for row in batch)
        turns = _given_turns(row[0] for row in batch)
        for id, ref, prompt, person, strategy, model, text, provenance, extra in batch:
            attributes = given.get(id, [])
            record: Record = {
                "kind": "response",
                "id": ref,
                "prompt": prompt,
                "participant": person,
                "strategy": strategy or None,
                "attributes": [attribute for _, attribute, _ in attributes],
                "model": model or None,
                "text": text,
            }
            _add_given(record, attributes)
            add_present(record, turns=turns.get(id), provenance=provenance)
            yield add_extra(record, extra)


Given = tuple[int, str, bool | None]
"""Position, the attribute's ref, whether it is mentioned."""


def _given(responses: Iterable[UUID]) -> dict[UUID, list[Given]]:
    rows = GivenAttribute.objects.filter(response__in=list(responses)).values_list(
        "response_id", "position", "attribute__ref", "is_mentioned"
    )
    found: dict[UUID, list[Given]] = defaultdict(list)
    for response, position, attribute, is_mentioned in rows.order_by("position", "attribute__ref"):
        found[response].append((position, attribute, is_mentioned))
    return found


def _given_turns(responses: Iterable[UUID]) -> dict[UUID, list[Record]]:
    """By response, the turns in the order given."""
    rows = GivenTurn.objects.filter(response__in=list(responses)).values_list(
        "response_id", "turn__conversation__ref", "turn__position", "turn__edition"
    )
    found: dict[UUID, list[Record]] = defaultdict(list)
    for response, conversation, turn, edition in rows.order_by("position"):
        record: Record = {"conversation": conversation, "turn": turn}
        found[response].append(record if edition == 1 else {**record, "edition": edition})
    return found


def _add_given(record: Record, attributes: list[Given]) -> None:
    positions = [position for position, _, _ in attributes]
    if positions != list(range(len(attributes))):
        record["positions"] = positions
    mentioned = {ref: said for _, ref, said in attributes if said is not None}
    add_present(record, mentioned=mentioned)


def selection_records(study: Study) -> Iterator[Record]:
    """Which attributes were chosen for which prompts, and by whom."""
    by_code_point = "C" if connection.vendor == "postgresql" else "BINARY"
    remembered = Selection.objects.filter(study=study, attribute__forgotten_at__isnull=True)
    chosen = remembered.order_by("prompt__ref", "attribute__ref", Collate("source", by_code_point))
    rows = chosen.values_list(
        "prompt__ref", "attribute__ref", "source", "value", "provenance", "extra"
    )
    for prompt, attribute, source, value, provenance, extra in rows.iterator():
        record: Record = {
            "kind": "selection",
            "prompt": prompt,
            "attribute": attribute,
            "source": source,
            "value": value,
        }
        add_present(record, provenance=provenance)
        yield add_extra(record, extra)
