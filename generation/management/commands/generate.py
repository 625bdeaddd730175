"""`manage.py generate`: have a model extract, select or respond, and wait for it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.actions import plan_run
from generation.endpoints import endpoint_for
from generation.management.waiting import add_waiting_options, finish
from generation.planning import STAGES
from studies.models import Study


class Command(BaseCommand):
    """Plans what was not asked yet; running it twice asks nothing twice."""

    help = "Have a model extract attributes, select relevant ones, or respond to prompts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which stage, which endpoint, and whether to wait."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--stage", required=True, choices=STAGES)
        parser.add_argument(
            "--endpoint", default="", metavar="NAME", help="the study's first by default"
        )
        add_waiting_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan, wait, report; exit status 1 if a job was given up."""
        try:
            study = Study.objects.get(slug=options["study"])
            endpoint = endpoint_for(study, options["endpoint"])
            run = plan_run(study=study, stage=options["stage"], endpoint=endpoint, by="manage.py")
        except Study.DoesNotExist:
            raise CommandError(f"There is no study “{options['study']}”.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        finish(self, run, options)
