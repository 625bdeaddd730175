"""What the database says of answers that were acknowledged."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Max

from annotation.models import Assignment, Judgment
from studies.models import Study


def verdict(study: Study, acknowledged: Mapping[str, set[str]]) -> dict[str, Any]:
    """How many are missing, stored twice or stored under two names; all must be nothing."""
    given = Judgment.objects.filter(study=study)
    stored = dict(given.filter(revision=1).values_list("ref", "assignment"))
    by_place = given.order_by().values("item", "rater", "assignment")
    first = by_place.filter(revision=1)
    gaps = by_place.annotate(rows=Count("pk"), last=Max("revision")).exclude(rows=F("last"))
    lost = [
        place
        for place, refs in acknowledged.items()
        if any(str(stored.get(ref)) != place for ref in refs)
    ]
    places = Assignment.objects.filter(study=study)
    return {
        "answers acknowledged": len(acknowledged),
        "lost": len(lost),
        "acknowledged under two names": sum(len(refs) > 1 for refs in acknowledged.values()),
        "stored": given.count(),
        "of them revisions": given.filter(revision__gt=1).count(),
        "places with two answers": first.annotate(n=Count("pk")).filter(n__gt=1).count(),
        "gaps in revisions": gaps.count(),
        "places not done": places.exclude(state=Assignment.State.DONE).count(),
    }
