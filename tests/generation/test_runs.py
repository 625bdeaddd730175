"""How far a run is, told where no bar can be drawn."""

import io

import pytest

from generation.management import runs
from work.queries import Progress

MIDWAY = Progress(
    ready=19, leased=0, done=12, dead=10, cancelled=0, held=0, outcomes={}, failures={"net_connect": 10}
)


def test_teller_says_how_many_were_given_up_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "TELL_SECONDS", 0.0)
    output = io.StringIO()

    runs.Teller(output).tell(MIDWAY)

    assert output.getvalue() == "12 of 41 done, 10 given up: net_connect\n"


def test_teller_is_silent_right_after_the_start() -> None:
    output = io.StringIO()

    runs.Teller(output).tell(MIDWAY)

    assert output.getvalue() == ""
