"""Let scripted raters judge a study over its API, to pilot it and to tune its rules of quality."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from annotation.actions.simulated import make_simulated_raters
from annotation.choices import Role, Stage
from annotation.models import Assignment
from annotation.simulation.answering import ScriptedRater
from annotation.simulation.driving import Unreachable, Watcher, Work, check_door, drive
from annotation.simulation.hosting import answers, own_site
from annotation.simulation.planting import judged_by_people, known_answers, names_of
from annotation.simulation.profiles import FILE, Behaviour, cast_of, load_behaviour
from annotation.simulation.report import report_of, truth_document
from annotation.simulation.truth import Planted
from studies.actions.tokens import create_token
from studies.command import StudyCommand, study_named
from studies.models import ApiToken, Membership, Study, User

TOKEN_LIFETIME = timedelta(hours=12)


class Command(StudyCommand):
    """`manage.py simulate --study SLUG --raters 50 --seed N [--out FILE]`"""

    help = "Let scripted raters judge a study over its API: a dry run."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Who works where, and what is kept of it."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--raters", type=int, default=50)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--mix", default="pilot", help="which profiles (see --profiles)")
        parser.add_argument("--profiles", type=Path, default=FILE, metavar="YAML")
        parser.add_argument("--stage", action="append", choices=Stage.values, help="default: all")
        parser.add_argument("--tasks", type=int, help="at most so many per rater and stage")
        parser.add_argument("--threads", type=int, default=1, help="raters at once")
        parser.add_argument("--url", default="", help="default: this installation's own site")
        parser.add_argument("--token", default="", help="of scope manage; default: one made for it")
        parser.add_argument("--out", type=Path, help="where profiles and truth are kept (JSON)")
        parser.add_argument("--yes", action="store_true", help="even where people have judged")

    def act(self, **options: Any) -> dict[str, Any]:
        """Make the raters, let them work, and report."""
        study = study_named(options["study"])
        behaviour = _behaviour(options)
        check_may_simulate(study, agreed=options["yes"])
        stages = options["stage"] or list(study.document.get("stages") or {})
        raters, planted = _raters(study, behaviour, stages, options)
        make_simulated_raters(
            study=study, names=[rater.script.name for rater in raters], seed=options["seed"]
        )
        with site_of(options["url"]) as url:
            work = Work(
                url=url,
                token=options["token"] or token_for(study),
                slug=study.slug,
                stages=stages,
                threads=max(1, options["threads"]),
                most_tasks=options["tasks"],
            )
            document = self._drive(study, work, raters)
        if options["out"]:
            options["out"].write_text(json.dumps(truth_document(document, raters, planted)))
        if not options["json"]:
            self._print(document)
        return document | {"seed": options["seed"], "mix": options["mix"]}

    def _drive(self, study: Study, work: Work, raters: list[ScriptedRater]) -> dict[str, Any]:
        try:
            check_door(work)
            with watched(_places(study, work.stages)) as watch:
                done = drive(work, raters, watch)
        except Unreachable as failure:
            raise CommandError(str(failure)) from failure
        return report_of(study.slug, raters, done)

    def _print(self, document: dict[str, Any]) -> None:
        self.stdout.write(
            f"{document['raters']} scripted raters: {document['judgments']:,} judgments "
            f"in {document['tasks']:,} tasks"
        )
        if not document["judgments"]:
            self.stdout.write("Nothing was open to peers; `manage.py open_tasks` opens tasks.")
        for row in document["profiles"]:
            self.stdout.write(
                f"  {row['profile']}: {row['raters']} raters, {row['judgments']:,} judgments"
            )
        for code, count in document["refused"].items():
            self.stdout.write(f"  refused, {code}: {count:,}")


def check_may_simulate(study: Study, *, agreed: bool) -> None:
    """Raise CommandError where scripted answers would mix with those of people."""
    if not agreed and judged_by_people(study):
        raise CommandError(
            f"People have judged in {study}; scripted answers would mix with theirs. Use a copy of "
            "the study, or say --yes."
        )


def _behaviour(options: dict[str, Any]) -> Behaviour:
    try:
        behaviour = load_behaviour(options["profiles"])
    except (OSError, ValueError) as fault:
        raise CommandError(f"{options['profiles']}: {fault}") from fault
    if options["mix"] not in behaviour.mixes:
        raise CommandError(f"There is no mix “{options['mix']}”: {', '.join(behaviour.mixes)}.")
    if options["raters"] < 1:
        raise CommandError("There must be at least one rater.")
    return behaviour


def _raters(
    study: Study, behaviour: Behaviour, stages: list[str], options: dict[str, Any]
) -> tuple[list[ScriptedRater], Planted]:
    known = {
        item: expected for stage in stages for item, expected in known_answers(study, stage).items()
    }
    planted = Planted(behaviour, options["seed"], known, names_of(study, stages))
    mix = behaviour.mixes[options["mix"]]
    scripts = cast_of(behaviour, mix, count=options["raters"], seed=options["seed"])
    cast = {script.name: script for script in scripts}
    return [ScriptedRater(script, cast, behaviour, planted) for script in scripts], planted


@contextmanager
def site_of(url: str) -> Iterator[str]:
    """Where to knock: the site named, else this installation's, else one started for it."""
    if url or answers(settings.SITE_URL):
        yield url or settings.SITE_URL
        return
    with own_site() as own:
        yield own


def token_for(study: Study) -> str:
    """A short-lived token of whoever manages the study."""
    members = Membership.objects.filter(study=study, role__in=("owner", "manager"))
    member = members.select_related("user").order_by("pk").first()
    user = member.user if member else User.objects.filter(is_superuser=True).first()
    if user is None:
        raise CommandError("Nobody manages this study; give a token with --token.")
    return create_token(
        user=user,
        study=study,
        scope=ApiToken.Scope.MANAGE,
        name="simulate",
        lifetime=TOKEN_LIFETIME,
    )


def _places(study: Study, stages: Any) -> int:
    """Judgments that are open to peers, as far as the progress bar needs them."""
    free = Assignment.objects.filter(study=study, stage__in=stages, role=Role.PEER)
    return free.filter(state=Assignment.State.FREE).values("task__task_items").count()


@contextmanager
def watched(total: int) -> Iterator[Watcher]:
    """A progress bar on stderr, where somebody is looking at it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("judgments", total=total)
        yield lambda count: bar.update(task, advance=count)
