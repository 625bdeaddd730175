"""Machine work that starts by itself for what participants share and write: what is still to ask.

Each conversation, each attribute to be verified or refined, and each prompt (at the response stage
under each strategy) is asked about once, whichever endpoint was asked. A person's attributes are
merged when all of that is done, and again when more were extracted. What changes afterwards is
asked about by a run that somebody starts.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import CharField, Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Now, Replace

from collection.models import Conversation
from generation.allowed import of_the_allowed
from generation.extraction_document import stage_endpoint, vectors_endpoint
from generation.models import Attribute, Prompt, Selection, Verification
from generation.planning.stages import plans_for
from generation.planning.verifying import proposals
from generation.provenance import MODEL, author_of
from generation.stages import (
    ABOUT_PEOPLE,
    EXTRACTION,
    MERGE,
    REFINE,
    RELEVANCE,
    RESPONSE,
    STAGES,
    VERIFY,
)
from generation.strategies.choosing import strategies_of
from generation.strategies.strategy import Need
from llm.models import Endpoint
from studies.models import Part, Participant, Study
from work.claims import Plan
from work.models import Job

WHAT_IS_KNOWN = frozenset({Need.ATTRIBUTES, Need.PREFERENCES})
"""Strategies that need one of these wait until all of it is known."""
LONGEST_WAIT = timedelta(minutes=15)
"""Of a person for machines: what takes longer comes when it comes, and they go on meanwhile."""
ABOUT = ("conversation", "attribute", "statements", "prompt", "strategy", "participant")
"""What of a job's payload names what it is about."""


def automatic_faults(
    section: Any, document: Mapping[str, Any]
) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with `automatic`."""
    if section is None:
        return []
    known = ", ".join(STAGES)
    if not isinstance(section, list):
        return [((), f"This must be a list of stages: {known}.")]
    return [
        ((place,), f"This must be one of {known}, once.")
        for place, name in enumerate(section)
        if name not in STAGES or name in section[:place]
    ]


def stages_of(study: Study) -> list[str]:
    """The stages at which machines work for participants unasked."""
    return list(study.document.get("automatic") or [])


def automatic_endpoint(study: Study, stage: str) -> Endpoint | None:
    """The document's for the stage, or its first; None while it cannot be had."""
    try:
        if stage == MERGE:
            vectors_endpoint(study)
        return stage_endpoint(study, stage)
    except ValidationError:
        return None


def new_plans(participant: Participant, stage: str) -> list[Plan]:
    """What machines have not been asked about the person yet, and may and can be asked now."""
    study = participant.study
    endpoint = automatic_endpoint(study, stage) if study.is_open else None
    if endpoint is None or stage not in stages_of(study):
        return []
    plans = plans_for(study, stage, endpoint, participant)
    asked = _asked(study, stage, participant.pk) if plans else set()
    return [plan for plan in plans if _name(plan.payload) not in asked]


def _asked(study: Study, stage: str, person: UUID) -> set[tuple[str, ...]]:
    jobs = Job.objects.filter(Q(subject=person) | Q(subject__isnull=True))
    same = jobs.filter(scope=study.scope, kind=stage)
    return {_name(payload) for payload in same.values_list("payload", flat=True)}


def _name(payload: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(payload.get(key) or "") for key in ABOUT)


def people_to_ask_about(study: Study, stage: str) -> Iterator[Participant]:
    """Those with something new at the stage; one query that few people pass, and one for them."""
    endpoint = automatic_endpoint(study, stage)
    if endpoint is None:
        return
    rows: dict[str, Callable[[Study, Endpoint], QuerySet[Any]]] = {
        EXTRACTION: _new_conversations,
        VERIFY: _unverified,
        REFINE: _complained_of,
        MERGE: _unmerged,
        RELEVANCE: _new_prompts,
        RESPONSE: _unanswered,
    }
    new = rows[stage](study, endpoint).filter(of_the_allowed(endpoint), participant__isnull=False)
    people = new.order_by().values("participant").distinct()
    yield from Participant.objects.filter(pk__in=people, left_at__isnull=True)


def _new_conversations(study: Study, endpoint: Endpoint) -> QuerySet[Any]:
    shared = Conversation.objects.filter(study=study, shared_at__isnull=False)
    return shared.filter(turns__role="user").exclude(_has_job(EXTRACTION, "conversation"))


def _unverified(study: Study, endpoint: Endpoint) -> QuerySet[Any]:
    own = Verification.objects.filter(author=author_of(endpoint.model))
    busy = Job.objects.unfinished().filter(scope=study.scope, kind=VERIFY, subject__isnull=False)
    rows = proposals(study).exclude(Exists(own.filter(attribute=OuterRef("pk"))))
    return rows.exclude(participant__in=busy.values("subject"))


def _complained_of(study: Study, endpoint: Endpoint) -> QuerySet[Any]:
    own = proposals(study).current().filter(author=author_of(endpoint.model))
    complaints = own.filter(verifications__is_supported=False)
    return complaints.exclude(_has_job(REFINE, "attribute"))


def _unmerged(study: Study, endpoint: Endpoint) -> QuerySet[Any]:
    """Attributes of people of whom something was extracted since they were last merged."""
    own = Job.objects.filter(scope=study.scope, subject__isnull=False).order_by()
    ended = own.filter(kind__in=(EXTRACTION, REFINE), state=Job.State.DONE).values_list("subject")
    merged = dict(own.filter(kind=MERGE).values_list("subject").annotate(at=Max("created_at")))
    people = [
        person
        for person, at in ended.annotate(at=Max("finished_at"))
        if person not in merged or merged[person] < at
    ]
    proposed = Attribute.objects.remembered().filter(study=study, author__startswith=MODEL)
    return proposed.filter(participant__in=people)


def _new_prompts(study: Study, endpoint: Endpoint) -> QuerySet[Any]:
    known = Attribute.objects.remembered().current().filter(participant=OuterRef("participant"))
    prompts = Prompt.objects.filter(Exists(known), study=study).exclude(text="")
    return prompts.exclude(_has_job(RELEVANCE, "prompt")).exclude(_is_busy(*ABOUT_PEOPLE))


def _unanswered(study: Study, endpoint: Endpoint) -> QuerySet[Any]:
    prompts = Prompt.objects.filter(study=study).exclude(text="")
    if all(Need.SELECTIONS in chosen.needs for chosen in strategies_of(study)):
        prompts = prompts.filter(Exists(Selection.objects.filter(prompt=OuterRef("pk"))))
    if any(chosen.needs & WHAT_IS_KNOWN for chosen in strategies_of(study)):
        prompts = prompts.exclude(_is_busy(*ABOUT_PEOPLE))
    return prompts.exclude(_has_job(RESPONSE, "prompt"))


def _has_job(stage: str, key: str) -> Exists:
    """Was the row asked about? Ids are compared without hyphens: SQLite stores them so."""
    jobs = Job.objects.filter(kind=stage, subject=OuterRef("participant"))
    named = jobs.annotate(about=_bare(KeyTextTransform(key, "payload")))
    return Exists(named.filter(about=_bare(Cast(OuterRef("pk"), CharField()))))


def _bare(expression: Any) -> Replace:
    return Replace(expression, Value("-"), Value(""), output_field=CharField())


def _is_busy(*stages: str) -> Exists:
    jobs = Job.objects.unfinished().filter(kind__in=stages)
    return Exists(jobs.filter(subject=OuterRef("participant")))


def is_at_work(participant: Participant, stage: str) -> bool:
    """Are machines expected to deliver something about the person at the stage before long?

    Not what was given up, and not what has taken longer than anybody should wait.
    """
    own = Job.objects.of_subject(participant.pk).filter(kind=stage)
    if own.unfinished().filter(created_at__gt=Now() - LONGEST_WAIT).exists():
        return True
    return _has_acted_lately(participant) and bool(new_plans(participant, stage))


def have_finished(participant: Participant, stage: str) -> bool:
    """Were machines asked about the person at the stage, and is nothing of that still to come?"""
    own = Job.objects.of_subject(participant.pk).filter(kind=stage)
    if own.unfinished().exists():
        return False
    if own.filter(state=Job.State.DONE).exists():
        return True
    return stage in stages_of(participant.study) and not new_plans(participant, stage)


def _has_acted_lately(participant: Participant) -> bool:
    since = Now() - LONGEST_WAIT
    finished = Part.objects.filter(participant=participant, finished_at__gt=since)
    return finished.exists() or participant.conversations.filter(shared_at__gt=since).exists()
