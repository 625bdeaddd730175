"""When the ids of panels are forgotten."""

from datetime import datetime, timedelta

from django.db import transaction

from studies.models import Study
from studies.recruitment.models import PanelIdentity

KEPT_AFTER_CLOSING = timedelta(days=30)
"""For pay and complaints."""


@transaction.atomic
def forget_identities(*, at: datetime) -> int:
    """Delete the panel ids of studies that were closed more than 30 days ago; how many."""
    closed = Study.objects.filter(state=Study.State.CLOSED, closed_at__lt=at - KEPT_AFTER_CLOSING)
    deleted, _by_model = PanelIdentity.objects.filter(study__in=closed).delete()
    return deleted
