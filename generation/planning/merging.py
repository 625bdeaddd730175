"""The jobs of merging: one per person and model, once nothing of the person's is being extracted.

The attributes of different models are never merged: which model noticed what is what studies
compare. What owners wrote themselves is left alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q

from generation import prompt_files
from generation.allowed import of_the_allowed
from generation.extraction_document import extraction_section, vectors_endpoint
from generation.models import Attribute
from generation.planning.jobs import about_person, plan_of
from generation.provenance import MODEL
from generation.stages import EXTRACTION, MERGE, REFINE, VERIFY
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan
from work.keys import digest_of
from work.models import Job

FEWEST = 2
TO_COME = (Job.State.READY, Job.State.LEASED, Job.State.HELD)
"""States of a job whose result may still come."""


def plans(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of a study, or about one person."""
    section = extraction_section(study).merge
    vectors = vectors_endpoint(study)
    allowed = of_the_allowed(endpoint) & (of_the_allowed(vectors) if vectors else Q())
    version = prompt_files.load("merge").version
    named = {"vectors": str(vectors.pk)} if vectors else {}
    vectors_model = vectors.model if vectors else ""
    for (person, author), rows in _by_person(study, allowed & about_person(about)).items():
        if len(rows) < FEWEST:
            continue
        yield plan_of(
            MERGE,
            study,
            endpoint,
            subject=person,
            payload={
                "participant": str(person),
                "author": author,
                "statements": [str(row.pk) for row in rows],
                "merge": section.model_dump(),
                **named,
            },
            depends_on={
                "content": digest_of([row.text for row in rows]),
                "prompt_version": version,
                "vectors_model": vectors_model,
            },
        )


def _by_person(study: Study, wanted: Q) -> dict[tuple[UUID, str], list[Attribute]]:
    """What models proposed of each person of whom nothing is to come, replaced or not.

    What was merged stays in the plan, so that merging twice is the same work.
    """
    coming = Job.objects.filter(
        scope=study.scope, kind__in=(EXTRACTION, VERIFY, REFINE), state__in=TO_COME
    )
    busy = coming.filter(subject__isnull=False).values("subject")
    rows = study.attributes.remembered().filter(wanted, author__startswith=MODEL)
    found: dict[Any, list[Attribute]] = defaultdict(list)
    for row in rows.filter(participant__isnull=False).exclude(participant__in=busy).order_by("ref"):
        found[row.participant_id, row.author].append(row)
    return dict(found)
