"""What keeps how a person's attributes stand to each other."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from generation.merging.findings import Finding
from generation.models import Attribute, AttributeLink
from generation.owning import OWNER
from generation.queries import standing_for
from studies.models import Participant


@transaction.atomic
def record_links(*, participant: Participant, findings: Sequence[Finding]) -> list[AttributeLink]:
    """Keep the findings in their order, as far as they still hold; returns the new links.

    One at a time per person. What was forgotten meanwhile is left out, and so is what somebody
    else replaced first, what would make two stand in for each other, and what would replace the
    owner's own words. Done twice it is done once.
    """
    Participant.objects.select_for_update().get(pk=participant.pk)
    named = {one for finding in findings for one in (finding.attribute, finding.other)}
    rows = Attribute.objects.remembered().filter(participant=participant, pk__in=named)
    rows = rows.exclude(verifications__dropped_at__isnull=False)
    authors = dict(rows.values_list("pk", "author"))
    replaced = _replaced(participant)
    kept: list[AttributeLink] = []
    for finding in findings:
        if _holds(finding, authors, replaced):
            kept.append(_link(participant, finding))
            if finding.replaces:
                replaced[finding.attribute] = finding.other
    known = set(_pairs(participant))
    fresh = [link for link in kept if (link.attribute_id, link.other_id, link.kind) not in known]
    return AttributeLink.objects.bulk_create(fresh)


def _replaced(participant: Participant) -> dict[UUID, UUID]:
    rows = AttributeLink.objects.filter(attribute__participant=participant, replaces=True)
    return dict(rows.values_list("attribute", "other"))


def _pairs(participant: Participant) -> list[tuple[UUID, UUID, str]]:
    rows = AttributeLink.objects.filter(attribute__participant=participant)
    return list(rows.values_list("attribute", "other", "kind"))


def _holds(finding: Finding, authors: Mapping[UUID, str], replaced: Mapping[UUID, UUID]) -> bool:
    if finding.attribute not in authors or finding.other not in authors:
        return False
    if finding.attribute in replaced:
        return False
    if not finding.replaces:
        return finding.other not in replaced
    return authors[finding.attribute] != OWNER and (
        standing_for(finding.other, replaced) != finding.attribute
    )


def _link(participant: Participant, finding: Finding) -> AttributeLink:
    return AttributeLink(
        study_id=participant.study_id,
        attribute_id=finding.attribute,
        other_id=finding.other,
        kind=finding.kind,
        replaces=finding.replaces,
        author=finding.author,
        score=finding.score,
        provenance=finding.provenance,
        call_id=finding.call_id,
    )
