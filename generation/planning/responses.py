"""The jobs of the response stage: one per prompt, strategy and person it is answered for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError

from collection.endpoints import endpoint_for
from generation import prompt_files
from generation.knowledge import Knowledge
from generation.models import Prompt
from generation.planning.jobs import content_of, payload_of, plan_of, prompts_for
from generation.stages import RESPONSE
from generation.strategies.choosing import Chosen, strategies_of
from generation.strategies.strategy import Case, Given, Need
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan


@dataclass(frozen=True)
class Asked:
    """A strategy that can be asked for, with the further endpoints that it names."""

    chosen: Chosen
    others: Mapping[str, Endpoint]
    version: str
    """Of all its prompt files."""


def plans(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of a study, or about one person; person by person, so that each is read once."""
    known = Knowledge(study, endpoint, about)
    prompts: dict[UUID | None, list[Prompt]] = defaultdict(list)
    for prompt in prompts_for(study, endpoint, about):
        prompts[prompt.participant_id].append(prompt)
    pool = prompts[None]
    personal, general = _apart(study)
    for asked in general:
        yield from _plans_of(asked, pool, None, known)
    for person in known.people() if personal or len(prompts) > 1 else []:
        for asked in general:
            yield from _plans_of(asked, prompts[person], person, known)
        for asked in personal:
            yield from _plans_of(asked, [*prompts[person], *pool], person, known)


def _apart(study: Study) -> tuple[list[Asked], list[Asked]]:
    """The strategies that can be asked for: those that need a person, and the others."""
    personal: list[Asked] = []
    general: list[Asked] = []
    for chosen in strategies_of(study):
        if _missing(study, chosen):
            continue
        versions = [prompt_files.load(name).version for name in chosen.strategy.prompt_files]
        asked = Asked(chosen, _others(study, chosen), " ".join(versions))
        (personal if Need.PERSON in chosen.needs else general).append(asked)
    return personal, general


def _others(study: Study, chosen: Chosen) -> dict[str, Endpoint]:
    return {name: endpoint_for(study, name) for name in chosen.parameters.endpoints()}


def _missing(study: Study, chosen: Chosen) -> str:
    """What of the document or the site a strategy waits for, in a sentence; mostly nothing."""
    if Need.EMBEDDINGS in chosen.needs:
        return f"It needs {Need.EMBEDDINGS}."
    try:
        others = _others(study, chosen)
    except ValidationError as problem:
        return " ".join(problem.messages)
    for name, endpoint in others.items():
        gives_vectors = endpoint.protocol == Endpoint.Protocol.EMBEDDINGS
        if gives_vectors != chosen.parameters.embeds:
            kind = "embeddings" if chosen.parameters.embeds else "answers"
            return f"The endpoint “{name}” is none for {kind}."
    return ""


def _plans_of(
    asked: Asked, prompts: Sequence[Prompt], person: UUID | None, known: Knowledge
) -> Iterator[Plan]:
    if not known.may_go_to(person, list(asked.others.values())):
        return
    for prompt in prompts:
        case = Case(prompt, person, known.endpoint, asked.chosen.parameters, asked.others)
        given = asked.chosen.strategy.given(case, known)
        if given is not None:
            yield _plan(asked, case, given, known.study)


def _plan(asked: Asked, case: Case, given: Given, study: Study) -> Plan:
    others = {name: str(endpoint.pk) for name, endpoint in case.others.items()}
    more = {
        "turns": [str(turn.pk) for turn in given.turns],
        "strategy_parameters": case.parameters.model_dump(mode="json"),
        "endpoints": others,
    }
    return plan_of(
        RESPONSE,
        study,
        case.endpoint,
        subject=case.person,
        payload={
            **payload_of(case.prompt, case.person, given.attributes),
            "strategy": asked.chosen.name,
            **{name: value for name, value in more.items() if value},
        },
        depends_on={
            "content": content_of(case.prompt, given.attributes, given.turns),
            "prompt_version": asked.version,
            **({"models": _models(case)} if others else {}),
        },
    )


def _models(case: Case) -> dict[str, list[object]]:
    others = case.others.items()
    return {name: [endpoint.model, endpoint.extra_params] for name, endpoint in others}


# -- What is not planned -------------------------------------------------------


def idle_strategies(study: Study, plans: Iterable[Plan]) -> dict[str, str]:
    """Which of the study's strategies these plans hold nothing of, each with what it waits for."""
    planned = {plan.payload.get("strategy") for plan in plans}
    return {
        chosen.name: _missing(study, chosen) or _needed(chosen)
        for chosen in strategies_of(study)
        if chosen.name not in planned
    }


def _needed(chosen: Chosen) -> str:
    return f"It needs {', '.join(sorted(chosen.needs)) or 'a prompt'}."
