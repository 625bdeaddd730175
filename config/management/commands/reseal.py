"""Give panel ids and endpoints' keys the newest of SEALING_KEYS."""

from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from llm.actions.keys import reseal_keys
from llm.errors import EndpointBroken
from studies.actions.resealing import reseal_identities
from studies.command import StudyCommand
from studies.recruitment.sealing import Unreadable


class Command(StudyCommand):
    """`manage.py reseal`"""

    help = "Seal panel ids and endpoints' keys with the first of SEALING_KEYS; older ones can go."

    def act(self, **options: Any) -> dict[str, Any]:
        """Do it for all or for none."""
        try:
            with transaction.atomic():
                people, keys = reseal_identities(), reseal_keys()
        except Unreadable as error:
            raise CommandError(
                "A panel id was sealed with a key that is not among SEALING_KEYS; nothing changed."
            ) from error
        except EndpointBroken as error:
            raise CommandError(
                "An endpoint's key was sealed with one that is not among SEALING_KEYS; "
                "nothing changed. Set that key again, or take it away, in the admin."
            ) from error
        self.say(f"{people} panel ids and {keys} keys are sealed with the newest key.", **options)
        return {"resealed": people, "keys": keys}
