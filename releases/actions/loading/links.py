"""Loading how attributes stand to each other, and what verifiers said of them."""

from typing import Any
from uuid import UUID

from generation.models import Attribute, AttributeLink, Verification
from generation.queries import standing_for
from releases.actions.loading.load import ALREADY_THERE, Entry, Load, needed
from releases.bundle.lines import Refused
from releases.bundle.records import AttributeLinkRecord, VerificationRecord
from studies.bulk import Row, insert

LINK = (
    "study_id", "attribute_id", "other_id", "kind", "replaces", "author", "score", "provenance",
    "call_id", "at",
)  # fmt: skip
VERIFICATION = (
    "attribute_id", "author", "is_supported", "fault", "dropped_at", "provenance", "call_id", "at",
)  # fmt: skip
CONFLICT = AttributeLink.Kind.CONFLICT
Person = UUID | None


def load_links(load: Load, entries: list[Entry[AttributeLinkRecord]]) -> None:
    """Write links, each between two attributes of one person, and never in a circle."""
    refs = (ref for entry in entries for ref in (entry.record.attribute, entry.record.other))
    found = load.found(Attribute, refs, "participant_id")
    links = AttributeLink.objects.filter(study=load.study)
    known = set(links.values_list("attribute", "other", "kind"))
    replaced = dict(links.filter(replaces=True).values_list("attribute", "other"))
    rows: list[Row] = []

    def take(entry: Entry[AttributeLinkRecord]) -> None:
        record = entry.record
        one, other = _pair(record, found)
        key = (one, other, record.relation)
        if key in known:
            raise Refused("other", ALREADY_THERE)
        if record.relation != CONFLICT:
            _check_replaces(one, other, replaced)
            replaced[one] = other
        known.add(key)
        replaces = record.relation != CONFLICT
        kept = (record.author, record.score, record.provenance, None, record.at or load.now)
        rows.append((load.study.id, *key, replaces, *kept))

    load.taken(entries, take)
    insert(AttributeLink, LINK, rows)


def _pair(record: AttributeLinkRecord, found: dict[str, tuple[Any, ...]]) -> tuple[UUID, UUID]:
    one, person = needed(found, record.attribute, "attribute")
    other, other_person = needed(found, record.other, "other")
    if one == other:
        raise Refused("other", "is the attribute itself")
    if person != other_person:
        raise Refused("other", "is about somebody else")
    return one, other


def _check_replaces(one: UUID, other: UUID, replaced: dict[UUID, UUID]) -> None:
    if one in replaced:
        raise Refused("attribute", "is replaced already")
    if standing_for(other, replaced) == one:
        raise Refused("other", "is replaced by the attribute itself")


def load_verifications(load: Load, entries: list[Entry[VerificationRecord]]) -> None:
    """Write what verifiers said."""
    attributes = load.ids(Attribute, (entry.record.attribute for entry in entries))
    said = Verification.objects.filter(attribute__in=attributes.values())
    known = set(said.values_list("attribute", "author"))
    rows: list[Row] = []

    def take(entry: Entry[VerificationRecord]) -> None:
        record = entry.record
        key = (needed(attributes, record.attribute, "attribute"), record.author)
        if key in known:
            raise Refused("author", ALREADY_THERE)
        known.add(key)
        fault, at = record.fault or "", record.at or load.now
        rows.append((*key, record.supported, fault, record.dropped_at, record.provenance, None, at))

    load.taken(entries, take)
    insert(Verification, VERIFICATION, rows)
