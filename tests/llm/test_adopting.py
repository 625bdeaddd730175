"""An adopted call belongs to the attempt that adopted it last, and to no late holder."""

import threading
import time

import pytest
from django.db import connections, transaction

from llm import ledger
from llm.models import Call
from tests.llm.conftest import Ask, claimed_again, recorded
from work.claims import Claim
from work.errors import LateClaim

pytestmark = pytest.mark.django_db


def test_zombie_cannot_conclude_what_another_attempt_adopted(asked: Ask, claim: Claim) -> None:
    asked(claim=claim)
    zombie = Call.objects.get()
    asked(claim=claimed_again())

    with pytest.raises(LateClaim):
        ledger.conclude(zombie, Call.State.ERROR, "malformed")

    assert recorded() == [("ok", "ok")]


def test_earlier_adopter_cannot_conclude_what_a_later_one_adopted(asked: Ask, claim: Claim) -> None:
    asked(claim=claim)
    asked(claim=claimed_again())
    zombie = Call.objects.get()
    asked(claim=claimed_again())

    with pytest.raises(LateClaim):
        ledger.conclude(zombie, Call.State.ERROR, "malformed")

    assert (recorded(), zombie.adopted_by) == ([("ok", "ok")], 2)


@pytest.mark.django_db(transaction=True)
def test_call_adopted_meanwhile_is_not_marked_late(asked: Ask, claim: Claim) -> None:
    asked(claim=claim)

    def be_refused() -> None:
        ledger.on_late(claim.job_id, claim.attempt)
        connections.close_all()

    refused = threading.Thread(target=be_refused)
    with transaction.atomic():
        Call.objects.update(adopted_by=2)
        refused.start()
        # Long enough to be held up by this transaction; whoever comes later passes as well.
        time.sleep(0.3)
    refused.join()

    assert (recorded(), Call.objects.exclude(raw_response="").count()) == ([("ok", "ok")], 1)
