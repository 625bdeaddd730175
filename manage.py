#!/usr/bin/env python
"""Run one of Django's or Firsthand's commands: `python manage.py help` lists them."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError

from config.environment import sentence_of
from config.printing import printing


def check_settings() -> None:
    """Read the settings; what is wrong with the environment is said in a sentence."""
    try:
        _ = settings.BASE_DIR
    except (EnvError, ImproperlyConfigured, OSError) as error:
        sys.exit(f"The settings can't be used: {sentence_of(error)}")


def run() -> None:
    """Run the command that was named; the supervisor stays, so it does without models and pages."""
    if sys.argv[1:2] == ["up"]:
        from config.management.commands.up import Command

        Command().run_from_argv(sys.argv)
    else:
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    check_settings()
    printing(run)
