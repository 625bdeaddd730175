"""Have a judge of the study judge a stage, and wait for it."""

from argparse import ArgumentParser
from typing import Any

from annotation.actions.judging import plan_judging
from annotation.choices import Stage
from generation.management.runs import BY, RunCommand
from studies.models import Study
from work.models import Run


class Command(RunCommand):
    """`manage.py judge --study SLUG --stage … --judge NAME [--estimate | --plan-only]`"""

    help = "Have a judge of the study judge a stage."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which judge, and which stage."""
        super().add_own_arguments(parser)
        parser.add_argument("--stage", required=True, choices=Stage.values)
        parser.add_argument("--judge", required=True, metavar="NAME")

    def planned(self, study: Study, options: dict[str, Any], *, starts: bool) -> Run:
        """What the judge was not asked yet."""
        return plan_judging(
            study=study,
            stage=options["stage"],
            judge_name=options["judge"],
            by=BY,
            starts=starts,
        )
