"""What must hold once the fire is out, and what it cost."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet

import llm.invariants
import work.invariants
from bench.chaos.client import Journal
from bench.chaos.material import KIND, PER_CONVERSATION
from generation.models import Attribute, Evidence
from llm.models import Call
from work.models import Job, JobResult, Run

UNPAID = ["net_connect", "address_refused", "rate_limited", "server"]
"""Outcomes of calls that the endpoint did not bill."""


def figures(jobs: int, billed: list[str], journal: Journal) -> dict[str, Any]:
    """Everything counted, by its name in the report."""
    ours = Job.objects.filter(kind=KIND)
    states = _counted(ours, "state")
    results = _results().count()
    left = Call.objects.filter(reuses__isnull=True)
    wasted = left.wasted().exclude(outcome__in=UNPAID)
    return {
        "jobs": jobs,
        "done": states.get("done", 0),
        "dead": states.get("dead", 0),
        "lost": jobs - states.get("done", 0) - states.get("dead", 0),
        "results": results,
        "duplicated results": results - _results().values("job").distinct().count(),
        "attributes": Attribute.objects.count(),
        "duplicated attributes": _duplicates(),
        "attempts": sum(ours.values_list("attempt", flat=True)),
        "billed": len(billed),
        "ledger": _ledger(),
        "billed without a row": len(set(billed) - {str(pk) for (pk,) in left.values_list("pk")}),
        "extra billed": len(billed) - results,
        "may explain extra": wasted.count(),
        "acknowledged runs": len(journal.acknowledged),
        "acknowledged and missing": _missing(journal),
        "reads that went back": journal.went_back,
        "answers to the client": dict(sorted(journal.answers.items())),
        "reasons of dead jobs": _counted(Job.objects.filter(state="dead"), "last_error"),
    }


def broken(found: Mapping[str, Any]) -> list[str]:
    """The promises that do not hold, each in a sentence."""
    jobs = found["jobs"]
    expected = {
        "a job was lost": found["lost"] == 0,
        "a job is not done": found["done"] == jobs,
        "a result is missing or double": found["results"] == jobs
        and found["duplicated results"] == 0,
        "what was extracted is missing or double": found["attributes"] == jobs * PER_CONVERSATION
        and found["duplicated attributes"] == 0,
        "a billed call is not in the ledger": found["billed without a row"] == 0,
        "more was paid than the ledger explains": found["extra billed"]
        <= found["may explain extra"],
        "an acknowledged run is missing": found["acknowledged and missing"] == 0,
        "a read went back": found["reads that went back"] == 0,
    }
    checks = [*work.invariants.checks(), *llm.invariants.checks()]
    breaches = [f"{one.name}: {one.promise} {list(one.broken)}" for one in checks if not one.holds]
    return [sentence for sentence, holds in expected.items() if not holds] + breaches


def _results() -> QuerySet[JobResult]:
    return JobResult.objects.filter(job__kind=KIND)


def _counted(jobs: QuerySet[Job], column: str) -> dict[str, int]:
    return dict(jobs.order_by().values_list(column).annotate(rows=Count("pk")))


def _ledger() -> dict[str, int]:
    rows = Call.objects.order_by("state", "outcome").values_list("state", "outcome")
    return {f"{state} {outcome}": n for state, outcome, n in rows.annotate(rows=Count("pk"))}


def _duplicates() -> int:
    texts = Attribute.objects.order_by().values("study", "text").distinct().count()
    spans = Evidence.objects.order_by().values("turn", "start", "end").distinct().count()
    return max(Attribute.objects.count() - texts, Evidence.objects.count() - spans)


def _missing(journal: Journal) -> int:
    kept = {str(pk) for pk in Run.objects.values_list("pk", flat=True)}
    return len(set(journal.acknowledged.values()) - kept)
