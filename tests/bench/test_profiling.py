"""What is read from samples of stacks."""

from collections import Counter

import pytest

from bench.profiling import shares
from bench.site import ROOT

ENTRY = f"application ({ROOT}/config/asgi.py:62)"
CLAIM = f"claim_next ({ROOT}/annotation/actions/assignments.py:50)"
EXECUTE = "execute (/lib/site-packages/psycopg/cursor.py:9)"


Shares = dict[str, dict[str, float]]


@pytest.fixture
def found() -> Shares:
    stacks = {(ENTRY, CLAIM, EXECUTE): 3, (ENTRY, CLAIM): 1, ("wait (/lib/threading.py:1)",): 96}
    return shares(Counter(stacks), top=9)


def test_shares_are_of_samples_in_requests(found: Shares) -> None:
    assert found["at work"] == {"psycopg": 75.0, "annotation": 25.0}


def test_shares_name_who_of_ours_asked(found: Shares) -> None:
    assert found["asked by"] == {"annotation/actions/assignments.py: claim_next": 100.0}
