"""Give panel ids the newest of SEALING_KEYS."""

from typing import Any

from django.core.management.base import CommandError

from studies.actions.resealing import reseal_identities
from studies.command import StudyCommand
from studies.recruitment.sealing import Unreadable


class Command(StudyCommand):
    """`manage.py reseal_panel_ids`"""

    help = "Seal every panel id with the first of SEALING_KEYS; older keys can go afterwards."

    def act(self, **options: Any) -> dict[str, Any]:
        """Do it for all or for none."""
        try:
            number = reseal_identities()
        except Unreadable as error:
            raise CommandError(
                "A panel id was sealed with a key that is not among SEALING_KEYS; nothing changed."
            ) from error
        self.say(f"{number} panel ids are sealed with the newest key.", **options)
        return {"resealed": number}
