"""How far a study is: places, answers of models, what they cost; of a large one, a moment ago."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from annotation.choices import Purpose, Role, Stage
from annotation.models import Assignment, Judgment, Rater, Tally
from annotation.unread_languages import count_unread
from llm.models import Call
from studies.models import Study
from work.models import Job

LARGE = 20_000
"""Rows from which on a study is counted by the sweeper and no more by its visitors."""
LONGEST_LIST = 12
PEOPLE = (Role.OWNER.value, Role.PEER.value, Role.EXPERT.value)
BESIDE = frozenset(
    {Assignment.State.SKIPPED.value, Assignment.State.LAPSED.value, Assignment.State.SURPLUS.value}
)
"""States of places beside the N that are asked for: another place was made in their stead."""
JUDGE = "judge"
"""The kind of their jobs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was counted of a study, and when."""

    progress: list[dict[str, Any]]
    """Per stage and role: planned, a count per state, and those given beside what was planned."""
    unusable: list[tuple[str, int]]
    """(judge, answers that could not be read), the most frequent first."""
    cost: Decimal
    """Of all questions to models."""
    judging_cost: Decimal
    """Of those that were put to judges."""
    unread: list[list[Any]]
    """(stage, language, tasks) that wait, and whose language no rater reads."""
    counted_at: datetime | None = None
    """None: now."""


def standing(study: Study) -> Standing:
    """One query for a large study; seven, whose cost grows with its rows, for any other."""
    tally = Tally.objects.filter(study=study).first()
    if tally is None:
        return _standing(counts_of(study), None)
    return _standing(tally.counts, tally.counted_at)


def progress(study: Study) -> list[dict[str, Any]]:
    """Per stage and role: places planned, done, held and skipped."""
    return standing(study).progress


def _standing(counts: dict[str, Any], at: datetime | None) -> Standing:
    return Standing(
        progress=counts["progress"],
        unusable=[(judge, n) for judge, n in counts["unusable"]],
        cost=Decimal(counts["cost"]),
        judging_cost=Decimal(counts["judging_cost"]),
        unread=counts.get("unread", []),  # a tally may be older than it
        counted_at=at,
    )


def is_large(study: Study) -> bool:
    """Whether counting it takes long; looks at no more rows than that."""
    tables: tuple[QuerySet[Any], ...] = (
        Assignment.objects.filter(study=study),
        Judgment.objects.filter(study=study),
        Job.objects.filter(scope=study.scope),
    )
    return any(rows.order_by().values("pk")[LARGE : LARGE + 1].exists() for rows in tables)


def counts_of(study: Study) -> dict[str, Any]:
    """Counted now, in values that JSON knows; six queries, or seven."""
    judges = Judgment.objects.filter(study=study, rater__in=_models_of(study))
    costs = _costs(study)
    return {
        "progress": _progress(study, _judged_by_models(judges)),
        "unusable": _unusable(study),
        "cost": str(costs["cost"]),
        "judging_cost": str(costs["judging_cost"]),
        "unread": count_unread(study),
    }


def _models_of(study: Study) -> QuerySet[Rater]:
    return Rater.objects.filter(study=study, kind=Rater.Kind.LLM)


def _progress(study: Study, judged: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    places = _places(study)
    found = []
    for stage in Stage.values:
        for role in PEOPLE:
            if row := _role_row(stage, role, places.get((stage, role), {})):
                found.append(row)
        if stage in judged:
            found.append({"stage": stage, "role": "llm", **judged[stage]})
    return found


def _role_row(stage: str, role: str, states: dict[str, int]) -> dict[str, Any] | None:
    """Of places to decide items; `beside` are gold, checks and repeats that were answered."""
    beside = states.pop("beside", 0)
    planned = sum(n for state, n in states.items() if state not in BESIDE)
    if not (planned or beside):
        return None
    counts = {state.value: states.get(state.value, 0) for state in Assignment.State}
    return {"stage": stage, "role": role, "planned": planned, **counts, "beside": beside}


DECIDING = (Purpose.MAIN, Purpose.ADJUDICATION)
"""Purposes of places whose answers decide an item; all others measure the rater."""


def _places(study: Study) -> dict[tuple[str, str], dict[str, int]]:
    rows = Assignment.objects.filter(study=study).order_by()
    found: dict[tuple[str, str], dict[str, int]] = {}
    by = ("stage", "role", "state", "purpose")
    for stage, role, state, purpose, n in rows.values_list(*by).annotate(n=Count("pk")):
        states = found.setdefault((stage, role), {})
        if purpose in DECIDING:
            states[state] = states.get(state, 0) + n
        elif state == Assignment.State.DONE:
            states["beside"] = states.get("beside", 0) + n
    return found


def _judged_by_models(given: QuerySet[Judgment]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    rows = given.order_by().values_list("stage", "is_usable").annotate(n=Count("pk"))
    for stage, is_usable, n in rows:
        counts = found.setdefault(stage, {"done": 0, "unusable": 0})
        counts["done" if is_usable else "unusable"] += n
    return found


def _unusable(study: Study) -> list[list[Any]]:
    unread = Judgment.objects.filter(study=study, is_usable=False).order_by()
    judges = unread.values_list("rater__ref").annotate(n=Count("pk"))
    return [[judge, n] for judge, n in judges.order_by("-n", "rater__ref")[:LONGEST_LIST]]


def _costs(study: Study) -> dict[str, Decimal]:
    jobs = Job.objects.filter(scope=study.scope).order_by().values("pk")
    calls = Call.objects.filter(job_id__isnull=False, job_id__in=jobs)
    return calls.aggregate(
        judging_cost=Sum("cost", filter=Q(job_id__in=jobs.filter(kind=JUDGE)), default=Decimal(0)),
        cost=Sum("cost", default=Decimal(0)),
    )
