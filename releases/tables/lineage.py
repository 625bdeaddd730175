"""Where the texts of items come from: attributes with their evidence, prompts, responses."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Substr

from generation.models import Attribute, Evidence, GivenAttribute, Prompt, Response, Selection
from releases.columns import BOOLEAN, INTEGER, MESSAGES, TEXT, TEXTS, list_of, struct_of
from releases.people import People
from releases.tables.conversations import current_turns
from releases.tables.table import Row

EVIDENCE = list_of(
    struct_of(
        [
            ("conversation", TEXT),
            ("turn", INTEGER),
            ("edition", INTEGER),
            ("start", INTEGER),
            ("end", INTEGER),
            ("quote", TEXT),
        ]
    )
)
SELECTIONS = list_of(struct_of([("source", TEXT), ("value", BOOLEAN)]))

ATTRIBUTE_FIELDS = [
    ("attribute", TEXT),
    ("attribute_text", TEXT),
    ("attribute_type", TEXT),
    ("attribute_explicitness", TEXT),
    ("attribute_scope", TEXT),
    ("attribute_author", TEXT),
    ("attribute_endpoint", TEXT),
    ("attribute_prompt_version", TEXT),
    ("evidence", EVIDENCE),
]
PROMPT_FIELDS = [
    ("prompt", TEXT),
    ("prompt_text", TEXT),
    ("prompt_before", MESSAGES),
    ("prompt_type", TEXT),
]
RESPONSE_FIELDS = [
    ("", TEXT),
    ("_text", TEXT),
    ("_strategy", TEXT),
    ("_model", TEXT),
    ("_endpoint", TEXT),
    ("_prompt_version", TEXT),
    ("_attributes", TEXTS),
]
"""Of one response; each name stands behind `first` or `second`."""


def attribute_rows(ids: Collection[UUID], people: People) -> dict[UUID, Row]:
    """The columns of `ATTRIBUTE_FIELDS` by attribute. Two queries."""
    evidence = _evidence(ids, people)
    rows = Attribute.objects.filter(id__in=ids).values()
    return {row["id"]: _attribute(row, evidence[row["id"]], people) for row in rows}


def _attribute(row: Mapping[str, Any], evidence: list[Row], people: People) -> Row:
    may_say = people.allow_words(row["participant_id"])
    return {
        "attribute": row["ref"],
        "attribute_text": row["text"] if may_say else None,
        "attribute_type": row["type"] or None,
        "attribute_explicitness": row["explicitness"] or None,
        "attribute_scope": row["scope"] or None,
        "attribute_author": row["author"],
        "attribute_endpoint": row["provenance"].get("endpoint"),
        "attribute_prompt_version": row["provenance"].get("prompt_version"),
        "evidence": evidence,
    }


def _evidence(ids: Collection[UUID], people: People) -> Mapping[UUID, list[Row]]:
    """Where each attribute was said. Only the span is read, never a whole turn.

    A span of a turn that was edited since is named without its quote: the edit may have taken
    the words out.
    """
    rows = (
        Evidence.objects.filter(attribute__in=ids)
        .annotate(
            quote=Substr("turn__content", F("start") + 1, F("end") - F("start")),
            owner=F("conversation__participant_id"),
        )
        .order_by("conversation__ref", "turn__position", "start", "end", "id")
        .values_list(
            "attribute_id",
            "owner",
            "turn_id",
            "conversation__ref",
            "turn__position",
            "turn__edition",
            "start",
            "end",
            "quote",
        )
    )
    found = list(rows)
    current = set(
        current_turns().filter(id__in={row[2] for row in found}).values_list("id", flat=True)
    )
    evidence: dict[UUID, list[Row]] = defaultdict(list)
    for attribute, owner, turn, *place, quote in found:
        may_quote = turn in current and people.allow_words(owner)
        names = ("conversation", "turn", "edition", "start", "end")
        span = dict(zip(names, place, strict=True))
        evidence[attribute].append(span | {"quote": quote if may_quote else None})
    return evidence


def prompt_rows(ids: Collection[UUID], people: People) -> dict[UUID, Row]:
    """The columns of `PROMPT_FIELDS` by prompt. One query."""
    rows = Prompt.objects.filter(id__in=ids).values()
    return {row["id"]: _prompt(row, people) for row in rows}


def _prompt(row: Mapping[str, Any], people: People) -> Row:
    may_say = people.allow_words(row["participant_id"])
    return {
        "prompt": row["ref"],
        "prompt_text": row["text"] if may_say else None,
        "prompt_before": _messages(row["before"]) if may_say else None,
        "prompt_type": row["type"] or None,
    }


def _messages(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns]


def response_rows(ids: Collection[UUID], people: People) -> dict[UUID, Row]:
    """The columns of `RESPONSE_FIELDS` by response. Two queries.

    A response's text belongs to the person it was written for and to the one who asked.
    """
    given: dict[UUID, list[str]] = defaultdict(list)
    links = GivenAttribute.objects.filter(response__in=ids).order_by("position", "id")
    for response, attribute in links.values_list("response_id", "attribute__ref"):
        given[response].append(attribute)
    rows = Response.objects.filter(id__in=ids).annotate(asker=F("prompt__participant_id")).values()
    return {row["id"]: _response(row, given[row["id"]], people) for row in rows}


def _response(row: Mapping[str, Any], given: list[str], people: People) -> Row:
    may_say = people.leave_of((row["participant_id"], row["asker"])).words
    return {
        "": row["ref"],
        "_text": row["text"] if may_say else None,
        "_strategy": row["strategy"] or None,
        "_model": row["model"] or None,
        "_endpoint": row["provenance"].get("endpoint"),
        "_prompt_version": row["provenance"].get("prompt_version"),
        "_attributes": given,
    }


def selections_of(
    prompts: Collection[UUID], attributes: Collection[UUID], people: People
) -> Mapping[tuple[UUID, UUID], list[Row]]:
    """Who chose which attribute for which prompt, by both, in the order of sources. One query.

    A choice is a rating: it leaves only if the attribute's person allows ratings.
    """
    rows = (
        Selection.objects.filter(prompt__in=prompts, attribute__in=attributes)
        .order_by("source")
        .values_list("prompt_id", "attribute_id", "attribute__participant_id", "source", "value")
    )
    chosen: dict[tuple[UUID, UUID], list[Row]] = defaultdict(list)
    for prompt, attribute, person, source, value in rows:
        if people.allow_ratings(person):
            chosen[prompt, attribute].append({"source": source, "value": value})
    return chosen


def present(ids: Collection[UUID | None]) -> set[UUID]:
    """The ids that there are."""
    return {each for each in ids if each}
