"""Raters over the API: the same documents as the pages."""

from tests.annotation.quality.studies_made import study_of_four
from tests.api.conftest import Caller


def test_raters_are_listed_with_their_flags(program: Caller) -> None:
    answer = program(study_of_four(), "read").get("/studies/alps/raters/").json()

    assert answer["raters"][0]["rater"] == "w9"
    assert answer["limits"]["alpha"] == 0.01


def test_rater_is_shown_with_evidence(program: Caller) -> None:
    answer = program(study_of_four(), "read").get("/studies/alps/raters/w9/").json()

    signals = {one["signal"]: one for one in answer["signals"]}
    assert signals["agreement"]["is_flag"]
    assert signals["agreement"]["judgments"][0]["answers"][0]["others"] == {"2": 3}


def test_unknown_rater_is_404(program: Caller) -> None:
    answer = program(study_of_four(5), "read").get("/studies/alps/raters/nobody/")

    assert answer.status_code == 404
