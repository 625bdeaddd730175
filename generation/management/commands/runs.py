"""Look at a study's runs, and start, pause, resume, cancel or retry one."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from generation.management.runs import BY, report
from generation.management.waiting import so_far
from generation.watching import run_document, watch
from studies.command import StudyCommand, study_named
from work.actions.runs import cancel_run, pause, resume, retry_failed, start
from work.models import Run
from work.queries import progress_of_runs

SHOWN = 50
"""The latest; pages and the API list all."""


class Command(StudyCommand):
    """`manage.py runs --study SLUG [--start ID | --pause ID | --retry ID --reason WHY | …]`"""

    help = "List a study's runs, or start, pause, resume, cancel or retry one."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which study, and what to do with which run."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--start", metavar="ID", help="let a planned run go")
        acts.add_argument("--pause", metavar="ID", help="complete what is in hand, hold the rest")
        acts.add_argument("--resume", metavar="ID", help="let a paused run, or what is held, go on")
        acts.add_argument("--cancel", metavar="ID", help="give up what was not done yet")
        acts.add_argument("--retry", metavar="ID", help="give what failed another chance")
        parser.add_argument("--reason", default="", help="with --retry: what has changed since")

    def act(self, **options: Any) -> dict[str, Any]:
        """Do what was asked for and report on that run, or list all."""
        study = study_named(options["study"])
        acts = self._acts(options["reason"])
        for name, act in acts.items():
            if options[name] is not None:
                run = _run(study.scope, options[name])
                act(run)
                return self._told(run, options)
        return self._listed(study.scope, options)

    def _acts(self, reason: str) -> dict[str, Callable[[Run], object]]:
        return {
            "start": lambda run: start(run=run, by=BY),
            "pause": lambda run: pause(run=run, by=BY),
            "resume": lambda run: resume(run=run, by=BY),
            "cancel": lambda run: cancel_run(run=run, by=BY),
            "retry": lambda run: retry_failed(run=run, by=BY, reason=reason),
        }

    def _told(self, run: Run, options: dict[str, Any]) -> dict[str, Any]:
        run.refresh_from_db()
        seen = watch(run)
        if not options["json"]:
            self.stdout.write(f"{run.pk}  {seen.standing}  {run.title}: {so_far(seen)}")
        return report(seen)

    def _listed(self, scope: str, options: dict[str, Any]) -> dict[str, Any]:
        runs = list(Run.objects.filter(scope=scope).order_by("-created_at", "pk")[:SHOWN])
        found = progress_of_runs(runs)
        documents = [run_document(run, found[run.pk]) for run in runs]
        if not options["json"]:
            for document in documents:
                self.stdout.write(_line(document))
        return {"runs": [as_text(document) for document in documents]}


def _run(scope: str, name: str) -> Run:
    try:
        return Run.objects.get(pk=UUID(name), scope=scope)
    except (ValueError, Run.DoesNotExist):
        raise CommandError(f"The study has no run {name}.") from None


def _line(document: dict[str, Any]) -> str:
    progress = document["progress"]
    done = f"{progress['done']} of {progress['total']} done"
    dead = f", {progress['dead']} given up" if progress["dead"] else ""
    return f"{document['id']}  {document['state']}  {document['title']}: {done}{dead}"


def as_text(document: dict[str, Any]) -> dict[str, Any]:
    """The same with times that JSON can hold."""
    times = ("created_at", "started_at")
    return {
        name: value.isoformat() if name in times and value else value
        for name, value in document.items()
    }
