"""Make an API token; it is printed once and kept nowhere."""

from argparse import ArgumentParser
from typing import Any

from studies.actions.tokens import create_token
from studies.command import StudyCommand, study_named, user_named
from studies.models import ApiToken


class Command(StudyCommand):
    """`manage.py create_token --user NAME --study SLUG --scope read|judge|manage`"""

    help = "Make an API token; it is printed once and kept nowhere."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Whose token it is, for which study, and what it allows."""
        parser.add_argument("--user", required=True)
        parser.add_argument("--study", required=True)
        parser.add_argument("--scope", required=True, choices=ApiToken.Scope.values)
        parser.add_argument("--name", default="", help="what the token is for")

    def act(self, **options: Any) -> dict[str, Any]:
        """Print the token alone, so that a script can keep it."""
        token = create_token(
            user=user_named(options["user"]),
            study=study_named(options["study"]),
            scope=options["scope"],
            name=options["name"],
        )
        if not options["json"]:
            self.stdout.write(token)
        return {"token": token}
