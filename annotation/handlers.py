"""What jobs of this floor do: a judge answers one task in one order; due tasks are opened."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from annotation.actions.disputing import plan_dispute_of, settle_planned
from annotation.actions.judgments import Entry, Seat, submit_judgments
from annotation.actions.raters import judge_rater
from annotation.actions.tasks import open_all_tasks
from annotation.choices import Role
from annotation.judges import PROFILE, JudgeSpec
from annotation.judging import entries_from, prompt_for, schema_for, unusable_entries
from annotation.models import Task
from annotation.profiles import profile_of
from annotation.screens import Screen, judge_screen
from generation.allowed import may_be_sent
from generation.asking import ask, insist
from generation.handlers.rows import endpoint_of
from generation.provenance import LONGEST_NAME, parameters_of
from llm.errors import Refused, Unparseable
from llm.exchange import Prompt
from llm.models import Call, Endpoint
from llm.parsing import read_json
from studies.models import Study
from work.claims import Claim
from work.models import Run
from work.queue import finishing

LONGEST_RAW = 20_000
"""Characters kept beside each unusable judgment; the call keeps all of it."""


@dataclass(frozen=True)
class Said:
    """What a judge said about a screen, item by item."""

    entries: Sequence[Entry]
    call_id: UUID | None
    outcome: str = "ok"


def judge(claim: Claim) -> None:
    """Ask a judge about a task and store its judgments by the same door as people's.

    What can't be read, is out of range or was refused is stored as unusable with its raw text,
    item by item, once the question was repeated as often as we put up with.
    """
    task = Task.objects.select_related("study", "conversation", "prompt", "subject")
    found = task.filter(pk=claim.payload["task"]).first()
    endpoint = endpoint_of(claim)
    if found is None or not may_be_sent(found.subject_id, endpoint):
        with finishing(claim, "gone" if found is None else "not_allowed"):
            return
    _judge(claim, found, endpoint)


def _judge(claim: Claim, task: Task, endpoint: Endpoint) -> None:
    assert claim.run_id is not None  # plan_judging enqueues nothing without its run
    spec = JudgeSpec.model_validate(Run.objects.get(pk=claim.run_id).plan["judge"])
    sample = claim.payload["sample"]
    screen = judge_screen(task, is_swapped=claim.payload["is_swapped"])
    profile = profile_of(screen) if spec.arm == PROFILE else None
    if not screen.items or (spec.arm == PROFILE and profile is None):
        with finishing(claim, "no_profile" if screen.items else "gone"):
            return
    question = prompt_for(screen, spec, sample=sample, profile=profile)
    schema = schema_for(screen, reasoning=spec.reasoning)
    said = _said(claim, screen, endpoint, question, schema)
    unusable = sum(entry.answers is None for entry in said.entries)
    counts = {"judgments": len(said.entries), "unusable": unusable, "call": str(said.call_id)}
    with finishing(claim, said.outcome, counts):
        seat = _seat(screen, spec, endpoint, question, sample, said.call_id)
        submit_judgments(seat=seat, entries=said.entries)
        plan_dispute_of(task, claim.job_id)


def _seat(
    screen: Screen,
    spec: JudgeSpec,
    endpoint: Endpoint,
    question: Prompt,
    sample: int,
    call_id: UUID | None,
) -> Seat:
    parameters = {**parameters_of(question), "endpoint": endpoint.name}
    parameters.pop("seed", None)
    if spec.reasoning:
        parameters["reasoning"] = True
    rater = judge_rater(
        study=screen.task.study,
        name=spec.name,
        model=endpoint.model[:LONGEST_NAME],
        prompt_version=question.version,
        parameters=parameters,
    )
    return Seat(
        rater=rater,
        role=Role.LLM,
        screen=screen,
        arm=spec.arm,
        sample=sample,
        call=Call.objects.filter(pk=call_id).first() if call_id else None,
        language=screen.task.study.languages[0],
    )


def _said(
    claim: Claim, screen: Screen, endpoint: Endpoint, question: Prompt, schema: dict[str, Any]
) -> Said:
    try:
        answer = ask(endpoint, question, schema, claim)
    except Refused as refusal:
        entries = unusable_entries(screen, storable(refusal.raw))
        return Said(entries, refusal.call_id, refusal.outcome)
    except Unparseable as problem:
        return _salvaged(screen, problem)
    entries, faults = entries_from(screen, answer.value, storable(answer.text))
    if faults:
        insist(endpoint, answer, claim, "an answer outside its scale")
    return Said(entries, answer.call_id, "unusable" if faults else "ok")


def _salvaged(screen: Screen, problem: Unparseable) -> Said:
    """Of an answer that breaks the schema somewhere, the items that don't; of others, nothing."""
    raw = storable(problem.raw)
    if problem.outcome == "invalid_value":
        entries, _ = entries_from(screen, read_json(problem.raw), raw)
    else:
        entries = unusable_entries(screen, raw)
    return Said(entries, problem.call_id, "unusable")


def storable(text: str) -> str:
    """What was said, cut to a bearable length, without what no database stores."""
    kept = text[:LONGEST_RAW].replace("\0", "\ufffd")
    return kept.encode("utf-8", "replace").decode()


def open_new_tasks(claim: Claim) -> None:
    """Open whatever tasks of a study are due."""
    study = Study.objects.filter(pk=claim.payload["study"]).first()
    with finishing(claim, "ok" if study else "gone"):
        if study is not None:
            open_all_tasks(study=study)


def settle_disputes(claim: Claim) -> None:
    """Add places, and open tasks for experts, where complete answers disagree."""
    study = Study.objects.filter(pk=claim.payload["study"]).first()
    outcome = settle_planned(study, claim.payload) if study else None
    with finishing(claim, "ok" if outcome else "gone", asdict(outcome) if outcome else None):
        pass
