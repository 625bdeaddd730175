"""What the pages about runs show: their lines, one run's plan and figures in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.actions.judging import JUDGE
from generation.stages import STAGES, TITLES
from generation.strategies.choosing import strategies_of
from generation.watching import Watch, lasting
from llm.models import Endpoint
from studies.models import Study
from work.models import Job, Run
from work.queries import (
    CANCELLED,
    FINISHED,
    RUNNING,
    Progress,
    jobs_of,
    progress_of_run,
    progress_of_runs,
    standing_of,
)

LATEST_RUNS = 5
RUNS_PER_PAGE = 30
JOBS_PER_PAGE = 50
LONGEST_LIST = 12
"""Reasons that one list shows."""

STANDINGS: dict[str, Promise] = {
    "planned": gettext_lazy("planned, not started"),
    "running": gettext_lazy("running"),
    "paused": gettext_lazy("paused"),
    "held": gettext_lazy("held, waits for somebody"),
    "cancelled": gettext_lazy("cancelled"),
    "finished": gettext_lazy("finished"),
}
KNOWN_FROM: dict[str, Promise] = {
    "ledger": gettext_lazy("as long as this endpoint's answers to such questions so far"),
    "limit": gettext_lazy("as long as the endpoint lets them be, which is the most"),
    "assumption": gettext_lazy("assumed, as nothing is known of this endpoint's answers yet"),
    "rules": gettext_lazy("computed here"),
    "nothing": gettext_lazy("no question is needed"),
}
LIMITED_BY: dict[str, Promise] = {
    "concurrency": gettext_lazy("how many questions can be open at once"),
    "requests": gettext_lazy("the endpoint's requests per minute"),
    "tokens": gettext_lazy("the endpoint's tokens per minute"),
}
SUFFICES: dict[str, Promise] = {
    "yes": gettext_lazy("enough"),
    "perhaps": gettext_lazy("enough for what is expected, not for the most it may take"),
    "no": gettext_lazy("not enough: the run will stop and wait for a larger budget"),
    "unbounded": gettext_lazy(
        "nothing will be asked before the endpoint has prices and a max_output_tokens"
    ),
}


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run with how far it is."""

    run: Run
    progress: Progress

    @property
    def standing(self) -> str:
        """How it stands, in words."""
        return str(STANDINGS[standing_of(self.run, self.progress)])

    @property
    def total(self) -> int:
        """Its jobs; of a run that was cancelled also those that were never done."""
        return jobs_of(self.run, self.progress)

    @property
    def is_running(self) -> bool:
        """Whether something will still happen by itself."""
        return standing_of(self.run, self.progress) == RUNNING


def said_of_earlier(run: Run) -> str:
    """To who planned what a run holds already."""
    if standing_of(run, progress_of_run(run)) in (CANCELLED, FINISHED):
        return _("All of this was asked before; this is the run that did it.")
    return _("All of this is in this run already, which is not over yet.")


def latest_runs(study: Study) -> list[RunLine]:
    """A few, the newest first; four queries."""
    return _lines(list(_runs(study)[:LATEST_RUNS]))


def runs_page(study: Study, number: str) -> Any:
    """One page of all runs, the newest first; five queries."""
    page = Paginator(_runs(study), RUNS_PER_PAGE).get_page(number)
    page.object_list = _lines(list(page.object_list))
    return page


def _runs(study: Study) -> Any:
    return Run.objects.filter(scope=study.scope).order_by("-created_at", "-pk")


def _lines(runs: Sequence[Run]) -> list[RunLine]:
    progress = progress_of_runs(runs)
    return [RunLine(run, progress[run.pk]) for run in runs]


def given_up(study: Study) -> list[tuple[str, str, int]]:
    """(kind of job, last error, how many) of all dead jobs of a study, the most frequent first."""
    dead = Job.objects.filter(scope=study.scope, state=Job.State.DEAD).order_by()
    reasons = dead.values_list("kind", "last_error").annotate(n=Count("pk"))
    return list(reasons.order_by("-n", "kind", "last_error")[:LONGEST_LIST])


def endpoint_names(study: Study) -> list[str]:
    """The study's own names first, then the site's."""
    listed = [entry["name"] for entry in study.document.get("endpoints") or []]
    asked = Endpoint.objects.filter(is_active=True).exclude(
        protocol=Endpoint.Protocol.EMBEDDINGS
    )  # fmt: skip
    return list(dict.fromkeys([*listed, "default", *asked.values_list("name", flat=True)]))


def strategy_names(study: Study) -> list[str]:
    """Those that the study responds by."""
    return [chosen.name for chosen in strategies_of(study)]


def stages_of_machines() -> list[tuple[str, str]]:
    """(name, title) of what models can be asked for."""
    return [(stage, str(TITLES[stage])) for stage in STAGES]


# -- One run -------------------------------------------------------------------


def plan_lines(run: Run) -> list[tuple[str, str]]:
    """(what, its value) of a frozen plan, in plain words; only what the plan says."""
    plan, judge = run.plan, run.plan.get("judge") or {}
    lines = [
        (_("What"), _work(run)),
        (_("Model"), _model(plan)),
        (_("Parameters"), _pairs(plan.get("parameters"))),
        (_("Strategies"), ", ".join(plan.get("strategies") or [])),
        (_("Nothing to do"), _idle(plan)),
        (_("Judge"), judge.get("name", "")),
        (_("How it is asked"), _asked(judge)),
        (_("Prompts"), ", ".join(plan.get("prompts") or [])),
        (_("Planned by"), run.created_by),
    ]
    return [(name, value) for name, value in lines if value]


def _idle(plan: Mapping[str, Any]) -> str:
    """Which strategies wait for something, and for what."""
    return " ".join(f"{name}: {reason}" for name, reason in plan.get("idle", {}).items())


def _work(run: Run) -> str:
    if run.kind != JUDGE:
        return str(TITLES.get(run.kind, run.kind))
    return str(_("Judge the stage %s") % run.plan.get("stage", ""))


def _model(plan: Mapping[str, Any]) -> str:
    if not plan.get("model"):
        return ""
    return _("%(model)s at the endpoint %(endpoint)s") % {
        "model": plan["model"], "endpoint": plan.get("endpoint", ""),
    }  # fmt: skip


def _pairs(values: Mapping[str, Any] | None) -> str:
    """In the order of names: a database does not keep another."""
    given = sorted((values or {}).items())
    return ", ".join(f"{name} {value}" for name, value in given if value not in (None, ""))


def _asked(judge: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in judge.items() if name not in ("name", "endpoint")}
    return _pairs({name: value for name, value in shown.items() if value is not False})


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it was expected and as it is."""

    name: str
    expected: str
    actual: str


def figures_of(seen: Watch) -> list[Figure]:
    """Calls, tokens, cost and time: expected beside actual."""
    estimate, spent = seen.run.estimate or {}, seen.spending
    tokens = (spent.prompt_tokens, spent.completion_tokens)
    return [
        Figure(_("Calls"), between(estimate.get("calls")), f"{spent.calls:,}"),
        Figure(_("Tokens sent"), between(estimate.get("prompt_tokens")), f"{tokens[0]:,}"),
        Figure(_("Tokens received"), between(estimate.get("completion_tokens")), f"{tokens[1]:,}"),
        Figure(_("Cost"), _expected_cost(estimate), _actual_cost(seen)),
        Figure(_("Time"), _expected_time(estimate), _actual_time(seen)),
    ]


def between(figures: Mapping[str, int] | None) -> str:
    """`480`, `480 (470–510)`, or `at most 480`; nothing where nothing was expected."""
    if not figures:
        return "–"
    if figures["low"] == figures["high"]:
        return f"{figures['expected']:,}"
    if figures["low"] == 0 and figures["expected"] == figures["high"]:
        return _("at most %s") % f"{figures['high']:,}"
    return f"{figures['expected']:,} ({figures['low']:,}–{figures['high']:,})"


def _expected_cost(estimate: Mapping[str, Any]) -> str:
    if not estimate.get("calls"):
        return "–"
    cost = estimate.get("cost")
    if cost is None:
        return _("no price known")
    return money_between(cost)


def money_between(cost: Mapping[str, str]) -> str:
    """The same as `between` of sums, whose low end is not nothing where questions cost too."""
    low, expected, high = (money(Decimal(cost[name])) for name in ("low", "expected", "high"))
    if low == high:
        return expected
    return _("at most %s") % high if expected == high else f"{expected} ({low}–{high})"


def _actual_cost(seen: Watch) -> str:
    spent = seen.spending
    if spent.unpriced and not spent.cost:
        return _("no price known")
    if not spent.reserved:
        return money(spent.cost)
    told = {"spent": money(spent.cost), "reserved": money(spent.reserved)}
    return _("%(spent)s, and %(reserved)s reserved") % told


def money(value: Decimal) -> str:
    """Two decimals, or as many as the first two digits that count need."""
    if not value or value >= 1:
        return f"{value:,.2f}"
    return f"{value:.{max(2, 1 - value.adjusted())}f}"


def _expected_time(estimate: Mapping[str, Any]) -> str:
    if not estimate.get("calls"):
        return "–"
    seconds = estimate.get("seconds")
    if seconds is None:
        return _("not known yet")
    return _("about %s") % lasting(seconds["expected"])


def _actual_time(seen: Watch) -> str:
    if seen.run.started_at is None:
        return "–"
    if seen.standing == RUNNING:
        return lasting((timezone.now() - seen.run.started_at).total_seconds())
    last = seen.last_done
    return lasting((last - seen.run.started_at).total_seconds()) if last else "–"


def notes_on(seen: Watch) -> list[str]:
    """What the figures rest on, a sentence each."""
    estimate = seen.estimate
    if not estimate:
        return []
    if not estimate.get("calls"):
        return [_("The endpoint is gone, so the plan has no price.")]
    notes = [
        _("Worked out from %(sampled)d of %(jobs)d jobs, rendered as they will be asked.")
        % {"sampled": estimate["sampled"], "jobs": estimate["jobs"]},
        _("Length of answers: %s.") % KNOWN_FROM[estimate["answers_known_from"]],
    ]
    if estimate["limited_by"]:
        notes.append(_("What limits the time: %s.") % _limit(estimate))
    notes += _shares(estimate)
    if estimate["people_short"]:
        notes.append(_("The budgets of %d people are too small.") % estimate["people_short"])
    return notes


def _limit(estimate: Mapping[str, Any]) -> str:
    """With the endpoint's name where several are asked."""
    limit = str(LIMITED_BY[estimate["limited_by"]])
    return f"{limit} ({estimate['limited_at']})" if len(_parts(estimate)) > 1 else limit


def _shares(estimate: Mapping[str, Any]) -> list[str]:
    """What each endpoint is asked, where there are several."""
    parts = _parts(estimate)
    return [
        _("%(endpoint)s: %(calls)s calls, cost %(cost)s.")
        % {
            "endpoint": part["endpoint"],
            "calls": between(part["calls"]),
            "cost": _expected_cost(part),
        }
        for part in parts
        if len(parts) > 1
    ]


def _parts(estimate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By endpoint; plans of earlier versions have none."""
    found: list[dict[str, Any]] = estimate.get("endpoints", [])
    return found


def budget_lines(seen: Watch) -> list[tuple[str, str, str]]:
    """(whose budget, what is left of it now, whether it is enough)."""
    return [
        (_whose(seen.run, budget["scope"]), _left(budget), whether_enough(budget))
        for budget in seen.estimate.get("budgets", [])
    ]


def whether_enough(budget: Mapping[str, Any]) -> str:
    """In words; nothing of a budget without a limit, which is always enough."""
    if budget["suffices"] == "yes" and budget["calls_left"] is None and budget["cost_left"] is None:
        return ""
    return str(SUFFICES[budget["suffices"]])


def _whose(run: Run, scope: str) -> str:
    if scope == run.scope:
        return _("This study's budget")
    names = {f"endpoint:{part['id']}": part["endpoint"] for part in _parts(run.estimate)}
    return str(_("The budget of the endpoint %s") % names.get(scope, scope))


def _left(budget: Mapping[str, Any]) -> str:
    calls, cost = budget["calls_left"], budget["cost_left"]
    parts = [] if calls is None else [_("%s calls") % f"{calls:,}"]
    parts += [] if cost is None else [money(Decimal(cost))]
    return _("%s left") % _(" and ").join(parts) if parts else _("no limit")
