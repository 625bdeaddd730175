"""The Celery application: it only carries doorbells; job rows carry the truth."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init
from django.conf import settings

from config.environment import OWN_NAMES
from config.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery's start would check the whole site and ignore what it finds, with every page loaded for it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("firsthand")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["work"])


@worker_init.connect
def load_before_forking(**_signal: Any) -> None:
    """Spare each process of the pool the second that the models' client takes to import.

    Where only models of this machine may be asked, and none is set, it is left until one is: it
    takes 15 MB. What is there before the fork is shared, as long as nobody looks for garbage in it.
    """
    if settings.LLM_BASE_URL or not set(settings.LLM_HOSTS) <= set(OWN_NAMES):
        from llm.client import load

        load()
    gc.freeze()


@worker_process_init.connect
def leave_with_the_worker(**_signal: Any) -> None:
    """End this process of the pool when the worker that forked it is killed."""
    die_with_parent()
