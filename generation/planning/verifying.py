"""The jobs of verifying and refining: one per attribute that a model proposed, or complaint."""

from collections.abc import Iterator
from uuid import UUID

from generation import prompt_files
from generation.allowed import of_the_allowed
from generation.models import Attribute, AttributeLink, AttributeQuerySet, Verification
from generation.planning.jobs import about_person, plan_of
from generation.provenance import MODEL, author_of
from generation.stages import REFINE, VERIFY
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan
from work.keys import digest_of

Kind = AttributeLink.Kind


def proposals(study: Study) -> AttributeQuerySet:
    """What models proposed with a quote, and merging left standing.

    What was refined stays in the plan, so that planning twice is the same work; what it was
    refined to is not verified again.
    """
    rows = Attribute.objects.remembered().filter(study=study, author__startswith=MODEL)
    links = AttributeLink.objects.filter(study=study)
    merged = links.filter(kind__in=(Kind.DUPLICATE, Kind.SUPERSEDED)).values("attribute")
    refined = links.filter(kind=Kind.REFINED).values("other")
    quoted = rows.filter(evidence__turn__isnull=False).distinct()
    return quoted.exclude(pk__in=merged).exclude(pk__in=refined)


def verifications(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of verifying, of a study or about one person."""
    rows = proposals(study).filter(about_person(about), of_the_allowed(endpoint))
    version = prompt_files.load("verify").version
    for attribute in rows.order_by("ref"):
        yield plan_of(
            VERIFY,
            study,
            endpoint,
            subject=attribute.participant_id,
            payload={"attribute": str(attribute.pk)},
            depends_on={"content": digest_of(attribute.text), "prompt_version": version},
        )


def refinements(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of refining: complaints about what the endpoint's own model proposed."""
    own = proposals(study).filter(about_person(about), of_the_allowed(endpoint))
    own = own.filter(author=author_of(endpoint.model))
    complaints = Verification.objects.filter(is_supported=False, attribute__in=own)
    version = prompt_files.load("refine").version
    for complaint in complaints.select_related("attribute").order_by("attribute__ref", "author"):
        attribute = complaint.attribute
        yield plan_of(
            REFINE,
            study,
            endpoint,
            subject=attribute.participant_id,
            payload={"attribute": str(attribute.pk), "verification": complaint.pk},
            depends_on={
                "content": digest_of([attribute.text, complaint.fault]),
                "prompt_version": version,
            },
        )
