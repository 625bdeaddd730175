"""`manage.py judge`: have a judge of the study judge a stage, and wait for it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.actions.judging import plan_judging
from annotation.models import Stage
from generation.management.waiting import add_waiting_options, finish
from studies.models import Study


class Command(BaseCommand):
    """Plans what the judge was not asked yet; running it twice asks nothing twice."""

    help = "Have a judge of the study judge a stage."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which judge, which stage, and whether to wait."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--stage", required=True, choices=Stage.values)
        parser.add_argument("--judge", required=True, metavar="NAME")
        add_waiting_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan, wait, report; exit status 1 if a job was given up."""
        try:
            study = Study.objects.get(slug=options["study"])
            run = plan_judging(
                study=study, stage=options["stage"], judge_name=options["judge"], by="manage.py"
            )
        except Study.DoesNotExist:
            raise CommandError(f"There is no study “{options['study']}”.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        finish(self, run, options)
