"""What a run has to ask: the jobs of a stage, each named by everything its answer depends on.

Only what its owner allowed to be sent to third-party models is planned for an endpoint that is
reached over the network. The offline baseline computes in our own process and nothing leaves it:
there, taking part is enough, or, for data that came with its own basis, not to have left.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from collection.models import Turn
from generation import prompt_files
from generation.models import Attribute, Prompt
from generation.strategies.registry import strategies_of
from generation.strategies.strategy import Strategy
from llm.models import Endpoint
from studies.models import Consent, ConsentScope, Participant, Study
from work.claims import Plan
from work.keys import digest_of

EXTRACTION, RELEVANCE, RESPONSE = STAGES = ("extraction", "relevance", "response")
"""The stages; also what their jobs are called in the queue."""


def plans_for(
    study: Study, stage: str, endpoint: Endpoint, person: Participant | None = None
) -> list[Plan]:
    """The jobs of a stage, or those about one person, whether or not they were enqueued before.

    Raises KeyError for an unknown stage.
    """
    jobs: dict[str, Callable[[Study, Endpoint, UUID | None], Iterator[Plan]]] = {
        EXTRACTION: _extractions,
        RELEVANCE: _relevances,
        RESPONSE: _responses,
    }
    return list(jobs[stage](study, endpoint, person.pk if person else None))


def may_be_sent(participant: UUID | None, endpoint: Endpoint) -> bool:
    """May this person's words go there now? What belongs to nobody may."""
    if participant is None:
        return True
    return Participant.objects.filter(_allows(endpoint), pk=participant).exists()


def of_the_allowed(endpoint: Endpoint, person: str = "participant") -> Q:
    """The condition that the person a row is about allowed it, or that there is none."""
    allowed = Participant.objects.filter(_allows(endpoint))
    return Q(**{f"{person}__isnull": True}) | Q(**{f"{person}__in": allowed})


def _allows(endpoint: Endpoint) -> Q:
    """The condition on a participant under which their words may go to the endpoint."""
    consented = Participant.objects.consented
    if not endpoint.is_baseline:
        return Q(pk__in=consented(ConsentScope.MODELS))
    left = Consent.objects.filter(scope=ConsentScope.TAKE_PART, withdrawn_at__isnull=False)
    elsewhere = ~Q(basis=Participant.Basis.PLATFORM) & ~Q(pk__in=left.values("participant"))
    return Q(pk__in=consented(ConsentScope.TAKE_PART)) | elsewhere


def _about(person: UUID | None) -> Q:
    return Q(participant=person) if person else Q()


def _extractions(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    allowed = study.conversations.filter(_about(about), of_the_allowed(endpoint))
    rows = allowed.prefetch_related("turns")
    version = prompt_files.load("extraction").version
    for conversation in rows.order_by("ref"):
        turns = conversation.turns_at()
        if not any(turn.role == Turn.Role.USER and turn.content.strip() for turn in turns):
            continue
        said = digest_of([[turn.role, turn.content] for turn in turns])
        yield _plan(
            EXTRACTION,
            study,
            endpoint,
            subject=conversation.participant_id,
            payload={"conversation": str(conversation.pk)},
            depends_on={"content": said, "prompt_version": version},
        )


def _relevances(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    known = _attributes_by_person(study, endpoint, about)
    version = prompt_files.load("relevance").version
    for prompt in _prompts(study, endpoint, about):
        for person in [prompt.participant_id] if prompt.participant_id else list(known):
            if attributes := known.get(person):
                yield _plan(
                    RELEVANCE,
                    study,
                    endpoint,
                    subject=person,
                    payload=_payload(prompt, person, attributes),
                    depends_on={
                        "content": _content(prompt, attributes),
                        "prompt_version": version,
                    },
                )


def _responses(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    people = list(_attributes_by_person(study, endpoint, about))
    for strategy in strategies_of(study):
        for prompt in _prompts(study, endpoint, about):
            own: list[UUID | None] = [prompt.participant_id]
            for person in people if strategy.needs_person and own == [None] else own:
                attributes = strategy.given(prompt, person, endpoint.model)
                if attributes is not None:
                    yield _response(strategy, prompt, person, attributes, study, endpoint)


def _response(
    strategy: Strategy,
    prompt: Prompt,
    person: UUID | None,
    attributes: Sequence[Attribute],
    study: Study,
    endpoint: Endpoint,
) -> Plan:
    return _plan(
        RESPONSE,
        study,
        endpoint,
        subject=person,
        payload={**_payload(prompt, person, attributes), "strategy": strategy.name},
        depends_on={
            "content": _content(prompt, attributes),
            "prompt_version": prompt_files.load(strategy.prompt_file).version,
        },
    )


def _prompts(study: Study, endpoint: Endpoint, about: UUID | None) -> QuerySet[Prompt]:
    """The person's own and the study's pool; without a person, everybody's."""
    asked = _about(about) | Q(participant__isnull=True) if about else Q()
    rows = study.prompts.filter(asked, of_the_allowed(endpoint))
    return rows.exclude(text="").order_by("ref")


def _attributes_by_person(
    study: Study, endpoint: Endpoint, about: UUID | None
) -> dict[UUID | None, list[Attribute]]:
    known: dict[UUID | None, list[Attribute]] = defaultdict(list)
    allowed = study.attributes.remembered().filter(_about(about), of_the_allowed(endpoint))
    rows = allowed.filter(participant__isnull=False)
    for attribute in rows.order_by("ref"):
        known[attribute.participant_id].append(attribute)
    return known


def _payload(
    prompt: Prompt, person: UUID | None, attributes: Sequence[Attribute]
) -> dict[str, Any]:
    return {
        "prompt": str(prompt.pk),
        "participant": str(person) if person else None,
        "attributes": [str(attribute.pk) for attribute in attributes],
    }


def _content(prompt: Prompt, attributes: Sequence[Attribute]) -> str:
    texts = [attribute.text for attribute in attributes]
    return digest_of([prompt.before, prompt.text, texts])


def _plan(
    kind: str,
    study: Study,
    endpoint: Endpoint,
    *,
    subject: UUID | None,
    payload: dict[str, Any],
    depends_on: dict[str, Any],
) -> Plan:
    whole = {**payload, "endpoint": str(endpoint.pk)}
    asked = {"model": endpoint.model, "parameters": endpoint.extra_params, **depends_on}
    return Plan(
        kind=kind,
        key={**whole, **asked},
        payload=whole,
        scope=study.scope,
        subject=subject,
        lane=endpoint.lane,
    )
