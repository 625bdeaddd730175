"""`manage.py reapply_erasures`: erase again whom a restored backup brought back."""

from typing import Any

from django.core.management.base import BaseCommand

from releases.erasure.again import reapply


class Command(BaseCommand):
    """Looks for participants whom the ledger of erasures names, and erases them again."""

    help = "After restoring a backup: erase again everybody in the ledger of erasures."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Erase them here and now; what is broken off is done by the next call."""
        erased = reapply()
        self.stdout.write(f"{erased} erased again." if erased else "Nobody had to be erased again.")
