"""Counting large studies ahead of their visitors."""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from annotation.counting import counts_of, is_large
from annotation.models import Tally
from studies.models import Study

TICK_SECONDS = 20
LOOK_SECONDS = 300
LONGEST_APART = 300
SHARE_OF_TIME = 50
"""A study is counted anew after so many times as long as counting it took."""
SECONDS_PER_TICK = 1.0
"""After so much counting the sweeper goes on with its other work; the next tick begins there."""


def count_large_studies(at: datetime) -> None:
    """Count what is due, the longest due first, once the tick is on record.

    Outside its transaction, as that would keep everybody else from writing on SQLite.
    """
    transaction.on_commit(_count_due)


def find_large_studies(at: datetime) -> None:
    """Keep a tally of studies that have grown large since the last look."""
    for study in Study.objects.filter(tally__isnull=True):
        count_if_large(study)


def count_if_large(study: Study) -> None:
    """So that the first visit after a large import need not wait for a tick."""
    if is_large(study):
        count(study)


def _count_due() -> None:
    began = time.monotonic()
    for tally in Tally.objects.filter(due_at__lte=Now()).select_related("study").order_by("due_at"):
        count(tally.study)
        if time.monotonic() - began > SECONDS_PER_TICK:
            return


def count(study: Study) -> Tally:
    """Count it now, and say when it is to be counted again."""
    earlier = Tally.objects.filter(study=study).first()
    moments = Study.objects.filter(pk=study.pk).annotate(asked_at=Now())
    moment = moments.values_list("asked_at", flat=True).get()
    began = time.monotonic()
    counts = counts_of(study)
    apart = max(TICK_SECONDS, round(SHARE_OF_TIME * (time.monotonic() - began)))
    if earlier and earlier.counts == counts:
        apart = max(apart, min(2 * earlier.seconds_apart, LONGEST_APART))
    tally = Tally(
        study=study,
        counts=counts,
        counted_at=moment,
        seconds_apart=apart,
        due_at=moment + timedelta(seconds=apart),
    )
    Tally.objects.bulk_create(
        [tally],
        update_conflicts=True,
        unique_fields=["study"],
        update_fields=["counts", "counted_at", "seconds_apart", "due_at"],
    )
    return tally
