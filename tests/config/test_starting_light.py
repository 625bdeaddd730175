"""Processes start with what they need: heavy libraries stay out until something uses them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import BaseCommand

from tests.site import ROOT
from work.management.commands import sweep, worker

SCIENCE = ("numpy", "scipy", "sklearn", "pyarrow", "openai")
PAGES = ("rest_framework.views", "drf_spectacular.views", "allauth.urls", "web.urls", "api.urls")
BROKER = ("redis", "celery", "kombu")
SITE = ("django.contrib.auth.models", "django.db.models", *BROKER, "uvicorn")

WEB = "import config.asgi"
WORKER = """
from celery.signals import worker_init
from config.celery import app
app.loader.init_worker()
worker_init.send(sender=None)
"""
SUPERVISOR = "from config.management.commands import up"
COMMAND = "import django; django.setup(); from releases.management.commands import import_data"


def loaded_by(program: str, data_dir: Path) -> set[str]:
    """The modules that are there once a process has run this."""
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(data_dir), "LLM_HOSTS": ""}
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("program", "absent", "present"),
    [
        (WEB, SCIENCE, {"web.urls", "api.urls", "ruamel.yaml"}),
        (WORKER, (*SCIENCE, *PAGES), {"generation.handlers.extraction", "work.tasks"}),
        (COMMAND, (*SCIENCE, *PAGES, *BROKER, "rich"), {"releases.actions.importing"}),
        (SUPERVISOR, (*SCIENCE, *PAGES, *SITE), {"config.supervisor"}),
    ],
    ids=["web", "worker", "command", "supervisor"],
)
def test_process_starts_without(
    program: str, absent: tuple[str, ...], present: set[str], tmp_path: Path
) -> None:
    loaded = loaded_by(program, tmp_path)

    assert present <= loaded
    assert loaded & set(absent) == set()


@pytest.mark.parametrize("command", [sweep.Command, worker.Command])
def test_program_is_not_checked_at_start(command: type[BaseCommand]) -> None:
    # Django's checks would load every page.
    assert not command.requires_system_checks
