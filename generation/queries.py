"""Reads along the links between attributes: what stands for what, and where all of it was said."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q, QuerySet

from generation.models import Attribute, AttributeLink, Evidence

Kind = AttributeLink.Kind
SAME = (Kind.DUPLICATE, Kind.REFINED)
"""Links between two wordings of one thing."""


def evidence_of(attribute: Attribute) -> QuerySet[Evidence]:
    """Where it was said: its own evidence, and that of all duplicates that it represents."""
    rows = Evidence.objects.filter(attribute__in=represented_by(attribute))
    return rows.select_related("conversation", "turn").order_by(
        "conversation__ref", "turn__position", "start", "pk"
    )


def represented_by(attribute: Attribute) -> set[UUID]:
    """The ids of the attribute and of its duplicates, and of theirs; a query per step."""
    found, fresh = {attribute.pk}, {attribute.pk}
    while fresh:
        links = AttributeLink.objects.filter(kind=Kind.DUPLICATE, other__in=fresh)
        fresh = set(links.values_list("attribute", flat=True)) - found
        found |= fresh
    return found


def same_as(attribute: Attribute) -> set[UUID]:
    """The ids of the attribute and of all that say the same in other words."""
    found, fresh = {attribute.pk}, {attribute.pk}
    while fresh:
        links = AttributeLink.objects.filter(
            Q(attribute__in=fresh) | Q(other__in=fresh), kind__in=SAME
        )
        ends = {end for pair in links.values_list("attribute", "other") for end in pair}
        fresh = ends - found
        found |= fresh
    return found


def standing_in_for(
    attributes: Iterable[UUID], kinds: Iterable[str] = Kind.values
) -> dict[UUID, UUID]:
    """For each attribute what stands in the end for it by links of these kinds: itself, or another.

    One query; links of attributes that are not given are not followed.
    """
    wanted = set(attributes)
    links = AttributeLink.objects.filter(replaces=True, kind__in=list(kinds), attribute__in=wanted)
    replaced = dict(links.values_list("attribute", "other"))
    return {one: standing_for(one, replaced) for one in wanted}


def standing_for(attribute: UUID, replaced: Mapping[UUID, UUID]) -> UUID:
    """What stands in the end for an attribute; links never run in a circle."""
    while attribute in replaced:
        attribute = replaced[attribute]
    return attribute
