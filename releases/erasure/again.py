"""Erasing again, after a backup was restored, whom the ledger outside the database names."""

from releases.actions.erasing import finish_erasure, request_erasure
from releases.actions.releasing import reissue_releases
from releases.erasure import ledger, steps
from studies.models import Participant

AT_ONCE = 1_000


def reapply() -> int:
    """Erase the participants in the ledger at once, without a worker; returns how many."""
    if ledger.is_empty():
        return 0
    restored = _restored()
    for person in restored:
        erasure = request_erasure(participant=person)
        steps.run(erasure, lambda: None)
        finish_erasure(erasure=erasure)
        reissue_releases(study=erasure.study)
    return len(restored)


def _restored() -> list[Participant]:
    keys = Participant.objects.values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)
    found = ledger.erased_among(keys)
    return list(Participant.objects.filter(pk__in=found).select_related("study").order_by("pk"))
