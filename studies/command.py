"""What our commands have in common: a sentence instead of a traceback, JSON on request."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from studies.models import Study, User


class StudyCommand(BaseCommand):
    """A command whose refusals are sentences on stderr with exit status 1.

    Subclasses write `act(**options)` and may return a JSON document, printed by `--json`.
    """

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--json` to whatever the subclass takes."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """The subclass's own arguments."""

    def act(self, **options: Any) -> dict[str, Any] | None:
        """Do it; raise ValidationError, PermissionDenied or CommandError to refuse."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Run `act` and print what it returns."""
        check_text(options)
        try:
            document = self.act(**options)
        except (ValidationError, PermissionDenied) as refusal:
            raise CommandError("\n".join(sentences_of(refusal))) from refusal
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database can't be used: {error}") from error
        if document is not None and options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))

    def say(self, sentence: str, **options: Any) -> None:
        """A line for people: to stdout, or to stderr when stdout holds the JSON document."""
        (self.stderr if options.get("json") else self.stdout).write(sentence)


def check_text(options: Mapping[str, Any]) -> None:
    """Refuse arguments whose bytes are no UTF-8, as no database takes them."""
    for name, value in options.items():
        try:
            str(value).encode()
        except UnicodeEncodeError:
            raise CommandError(f"--{name.replace('_', '-')} is not UTF-8: {value!a}") from None


def sentences_of(refusal: ValidationError | PermissionDenied) -> list[str]:
    """What a refusal says, a sentence a line."""
    if isinstance(refusal, PermissionDenied):
        return [str(refusal)]
    if hasattr(refusal, "error_dict"):
        return [
            f"{key}: {sentence}"
            for key, found in refusal.message_dict.items()
            for sentence in found
        ]
    return list(refusal.messages)


def study_named(slug: str) -> Study:
    """The study of that name, or CommandError."""
    try:
        return Study.objects.get(slug=slug)
    except Study.DoesNotExist:
        raise CommandError(f"There is no study “{slug}”.") from None


def user_named(name: str) -> User:
    """The user of that name, or CommandError."""
    try:
        return User.objects.get(username=name)
    except User.DoesNotExist:
        raise CommandError(f"There is no user “{name}”.") from None
