"""Commands that set machines to work: plan a run, wait for it, and say how it went.

Workers that are alive do the jobs; where there are none, the command does them itself.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from generation.management.prices import price_lines
from generation.management.waiting import how_it_goes, wait_for
from generation.watching import Watch, estimate_now, watch, watch_document
from studies.command import StudyCommand, study_named
from studies.models import Study
from work.models import Job, Run
from work.queries import CANCELLED, FINISHED, Progress

BY = "manage.py"
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


class RunCommand(StudyCommand):
    """A command that plans a run of a study; twice is the same as once."""

    progress: Progress | None = None

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which study, and whether to start and to wait."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        waits = parser.add_mutually_exclusive_group()
        waits.add_argument(
            "--no-wait", action="store_true", help="leave the jobs to the workers and return"
        )
        waits.add_argument(
            "--plan-only", action="store_true", help="plan and price it; start it later by `runs`"
        )
        waits.add_argument(
            "--estimate", action="store_true", help="only say what it would take; nothing is kept"
        )

    def planned(self, study: Study, options: dict[str, Any], *, starts: bool) -> Run:
        """The run that the options ask for."""
        raise NotImplementedError

    def act(self, **options: Any) -> dict[str, Any]:
        """Plan, wait unless told not to, and report."""
        study = study_named(options["study"])
        if options["estimate"]:
            return self._priced(study, options)
        run = self.planned(study, options, starts=not options["plan_only"])
        if options["plan_only"]:
            self._say_price(run, options)
        elif not options["no_wait"] and not wait_for(run):
            self._leave(run)
        seen = watch(run)
        self.progress = seen.progress
        if not options["json"]:
            self.stdout.write(_sentence(seen))
        return report(seen)

    def _priced(self, study: Study, options: dict[str, Any]) -> dict[str, Any]:
        """Plan it, look at the price, and undo it."""
        with transaction.atomic():
            run = self.planned(study, options, starts=False)
            self._say_price(run, options)
            estimate = estimate_now(run)
            transaction.set_rollback(True)
        return {"plan": run.plan, "estimate": estimate}

    def _say_price(self, run: Run, options: dict[str, Any]) -> None:
        if options["json"]:
            return
        if run.state != Run.State.PLANNED:
            self.stdout.write(_why_unpriced(watch(run)))
            return
        for line in price_lines(estimate_now(run)):
            self.stdout.write(line)

    def _leave(self, run: Run) -> None:
        study = run.scope.partition(":")[2]
        self.stderr.write(
            f"The run goes on without this command. Watch it: manage.py runs --study {study}; "
            f"stop it: manage.py runs --study {study} --pause {run.pk}"
        )
        raise SystemExit(INTERRUPTED)

    def handle(self, *args: Any, **options: Any) -> None:
        """After the report, exit with 1 if jobs were given up, saying why."""
        super().handle(*args, **options)
        if self.progress and self.progress.dead:
            reasons = self.progress.failures.items()
            raise CommandError(
                "\n".join(f"{count} given up: {reason}" for reason, count in reasons)
            )


def _why_unpriced(seen: Watch) -> str:
    """Of a run that holds all of it already."""
    if seen.standing in (CANCELLED, FINISHED):
        return "Everything of this was asked already."
    how = how_it_goes(seen)
    return f"Everything of this is in a run already, which is {seen.standing}{how and f': {how}'}"


def report(seen: Watch) -> dict[str, Any]:
    """A run and how far it came, for programs."""
    told = watch_document(seen)
    progress = told.pop("progress")
    told.pop("id")
    return {
        "run": str(seen.run.pk),
        **{name: told[name] for name in ("kind", "title", "state", "plan")},
        "estimate": told["estimate"],
        "jobs": {name: count for name, count in progress.items() if isinstance(count, int)},
        "outcomes": progress["outcomes"],
        "failures": progress["failures"],
        "counts": counts_of(seen.run),
        **{name: told[name] for name in ("per_minute", "seconds_left", "spent", "held")},
    }


def counts_of(run: Run) -> dict[str, int]:
    """What the results of a run counted, summed; nested counts under `name.reason`."""
    totals: dict[str, int] = {}
    for value in Job.objects.filter(run=run).values_list("result__value", flat=True).iterator():
        for name, count in _flat(value or {}):
            totals[name] = totals.get(name, 0) + count
    return totals


def _flat(value: dict[str, Any]) -> list[tuple[str, int]]:
    pairs: list[tuple[str, int]] = []
    for name, found in value.items():
        if isinstance(found, dict):
            pairs += [(f"{name}.{inner}", count) for inner, count in _flat(found)]
        elif isinstance(found, int):
            pairs.append((name, found))
    return pairs


def _sentence(seen: Watch) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in counts_of(seen.run).items())
    done = f"{seen.progress.done} of {seen.total} jobs done"
    held = f", {seen.progress.held} held" if seen.progress.held else ""
    reasons = f": {'; '.join(seen.held)}" if seen.held else ""
    return f"{seen.run.title}: {done}{held}{reasons}{f' ({counts})' if counts else ''}"
