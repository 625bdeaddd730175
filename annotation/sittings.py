"""How much somebody has answered since their last break, counted from what is stored.

A browser's own count would know nothing of the same rater's other browser.
"""

from datetime import datetime, timedelta

from django.db.models import Max
from django.db.models.functions import Now

from annotation.models import Judgment, Rater

BREAK = timedelta(minutes=20)
"""Between two answers, or since the last one: whoever was away so long has had a break."""


def answered_since_break(
    *, rater: Rater, stage: str, most: int, after: datetime | None = None
) -> int:
    """How many tasks, `most` at most; with `after`, of those answered later. One query.

    By the database's clock. Changing an answer is not answering another task.
    """
    count, later = 0, None
    for at, now in _answered(rater, stage, most):
        if (later or now) - at >= BREAK or (after and at <= after):
            return count
        count, later = count + 1, at
    return count


def last_answered_at(*, rater: Rater, stage: str) -> datetime | None:
    """When they sent the last task of a stage; None before the first."""
    return next((at for at, _ in _answered(rater, stage, 1)), None)


def _answered(rater: Rater, stage: str, most: int) -> list[tuple[datetime, datetime]]:
    """When each task was answered, the latest first, and what time it is."""
    given = Judgment.objects.filter(rater=rater, stage=stage, revision=1, assignment__isnull=False)
    tasks = given.order_by().values("assignment").annotate(at=Max("submitted_at"), now=Now())
    return list(tasks.order_by("-at").values_list("at", "now")[:most])
