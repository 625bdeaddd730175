"""The Celery application: it only carries doorbells; job rows carry the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("firsthand")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["work"])
