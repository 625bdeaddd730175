"""Whether every task got exactly its N answers: counted in the database after a race."""

from typing import Any

from django.db.models import Count, F, Q

from annotation.models import Assignment, Judgment
from studies.models import Study

DONE = Q(state=Assignment.State.DONE)


def verdict(study: Study, places: int) -> dict[str, Any]:
    """Tasks with more and with fewer answers than asked for, and what else must be nothing.

    A place that lapsed or was answered too late is beside the N.
    """
    tasks = Assignment.objects.filter(study=study).values("task", "role").order_by()
    counted = tasks.annotate(done=Count("pk", filter=DONE))
    given = Judgment.objects.filter(study=study)
    twice = given.order_by().values("item", "rater", "revision").annotate(n=Count("pk"))
    places_done = Assignment.objects.filter(DONE, study=study)
    answers = places_done.annotate(n=Count("judgments"))
    return {
        "tasks": counted.count(),
        "over": counted.filter(done__gt=places).count(),
        "under": counted.filter(done__lt=places).count(),
        "answers": given.count(),
        "surplus": given.filter(is_surplus=True).count(),
        "given twice": twice.filter(n__gt=1).count(),
        "done without an answer": answers.filter(n=0).count(),
        "rater of answer is not that of place": given.exclude(rater=F("assignment__rater")).count(),
    }
