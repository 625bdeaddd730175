"""How far raters agree: people with each other, with owners, with models."""

from argparse import ArgumentParser
from typing import Any, get_args

from annotation.agreement.collapsing import Orders, Samples, Unusable
from annotation.choices import Stage
from annotation.given_answers import Raters, Surplus
from annotation.queries import OPTIONS, agreement
from annotation.written_figures import lines_of
from studies.command import StudyCommand, study_named


class Command(StudyCommand):
    """`manage.py agreement --study SLUG --stage … [--question KEY] --json`"""

    help = "How far raters agree: people with each other, with owners, with models."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which answers, and how they are counted."""
        parser.add_argument("--study", required=True)
        parser.add_argument("--stage", required=True, choices=Stage.values)
        parser.add_argument("--question", default="", help="default: the stage's first")
        parser.add_argument("--unusable", choices=get_args(Unusable), default="drop")
        parser.add_argument(
            "--reference",
            default="majority",
            help="majority, owner, mean, median or a rater's name",
        )
        parser.add_argument("--orders", choices=get_args(Orders), default="average")
        parser.add_argument("--samples", choices=get_args(Samples), default="majority")
        parser.add_argument("--raters", choices=get_args(Raters), default="all")
        parser.add_argument("--surplus", choices=get_args(Surplus), default="leave_out")
        parser.add_argument("--pairs", action="store_true", help="print a line for every pair too")
        parser.add_argument("--by", default="", help="a choice of the survey to group people by")

    def act(self, **options: Any) -> dict[str, Any]:
        """Compute the document; print it as tables unless JSON was asked for."""
        document = agreement(
            study=study_named(options["study"]),
            stage=options["stage"],
            **{name: options[name] for name in OPTIONS},
        )
        if not options["json"]:
            for line in lines_of(document, has_pairs=options["pairs"]):
                self.stdout.write(line)
        return document
