"""Giving panel ids the newest key, so that an older one can be removed."""

from django.db import transaction

from studies.recruitment.identities import digest_of
from studies.recruitment.models import PanelIdentity
from studies.recruitment.sealing import seal, unseal

AT_ONCE = 500


@transaction.atomic
def reseal_identities() -> int:
    """Seal and digest every panel id anew with the newest key; how many.

    Raises Unreadable, and changes nothing, where a key is missing.
    """
    resealed = []
    rows = PanelIdentity.objects.select_for_update(of=("self",)).select_related("study")
    for identity in rows:
        values = unseal(identity.sealed)
        identity.sealed = seal(values)
        identity.digest = digest_of(identity.study, identity.panel, values["person"])
        resealed.append(identity)
    PanelIdentity.objects.bulk_update(resealed, ["sealed", "digest"], batch_size=AT_ONCE)
    return len(resealed)
