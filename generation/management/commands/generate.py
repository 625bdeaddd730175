"""Have a model extract attributes, look at them again, select some, or respond; wait for it."""

from argparse import ArgumentParser
from typing import Any

from generation.actions.runs import plan_run
from generation.extraction_document import stage_endpoint
from generation.management.runs import BY, RunCommand
from generation.stages import STAGES
from studies.models import Study
from work.models import Run


class Command(RunCommand):
    """`manage.py generate --study SLUG --stage … [--endpoint NAME] [--estimate | --plan-only]`"""

    help = "Have a model extract attributes, look at them again, select some, or respond."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which stage, and which endpoint."""
        super().add_own_arguments(parser)
        parser.add_argument("--stage", required=True, choices=STAGES)
        parser.add_argument(
            "--endpoint",
            default="",
            metavar="NAME",
            help="default: the document's for the stage, or its first",
        )
        parser.add_argument(
            "--strategy",
            action="append",
            dest="strategies",
            metavar="NAME",
            help="only responses made by it; may be repeated",
        )

    def planned(self, study: Study, options: dict[str, Any], *, starts: bool) -> Run:
        """What the endpoint was not asked yet."""
        endpoint = stage_endpoint(study, options["stage"], options["endpoint"])
        return plan_run(
            study=study,
            stage=options["stage"],
            endpoint=endpoint,
            by=BY,
            starts=starts,
            strategies=options["strategies"] or (),
        )
