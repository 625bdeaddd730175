"""Raters over the API: the same documents as the pages, the same act of leaving them out."""

from typing import Any

import pytest

from annotation.models import Exclusion
from tests.annotation.judged import judged_pairs
from tests.annotation.quality.studies_made import study_of_four
from tests.annotation.test_disputes import study_with
from tests.annotation.working import rater, work
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


def test_labels_are_told_per_item(program: Caller) -> None:
    caller = program(study_of_four(5), "read")

    rows = caller.get("/studies/alps/labels/?question=response/preference").json()

    assert len(rows) == 5
    assert set(rows[0]["dawid_skene"]) == set(rows[0]["mace"]) == {"1", "2"}
    assert caller.get("/studies/alps/labels/?question=x").status_code == 422
    assert caller.get("/studies/alps/raters/?raters=few").status_code == 422


def test_unknown_rater_is_404(program: Caller) -> None:
    answer = program(study_of_four(5), "read").get("/studies/alps/raters/nobody/")

    assert answer.status_code == 404


EXCLUSION = "/studies/alps/raters/w0/exclusion/"


def test_rater_is_left_out_and_taken_in_again(program: Caller) -> None:
    caller = program(judged_pairs())

    made = caller.post(EXCLUSION, {"reason": " straight lines "})
    ended = caller.delete(EXCLUSION)

    assert (made.status_code, ended.status_code) == (201, 200)
    assert made.json() | {"ended_by": "ada", "ended_at": "now"} == ended.json() | {
        "ended_at": "now"
    }
    assert (made.json()["reason"], made.json()["by"]) == ("straight lines", "ada")
    (told,) = caller.get("/studies/alps/raters/w0/").json()["exclusions"]
    assert told == ended.json()


def test_what_was_done_already_is_422_with_a_sentence(program: Caller) -> None:
    caller = program(judged_pairs())

    answers = [caller.delete(EXCLUSION)]
    answers += [caller.post(EXCLUSION, {"reason": "x"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 201, 422]
    said = [answers[place].json()["error"]["message"] for place in (0, 2)]
    assert said == ["They are not left out.", "They are left out already."]


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x" * 501}, {"why": "x"}, []])
def test_leaving_out_needs_a_reason(program: Caller, body: Any) -> None:
    answer = program(judged_pairs()).post(EXCLUSION, body)

    assert (answer.status_code, Exclusion.objects.count()) == (422, 0)


@pytest.mark.parametrize(("scope", "role"), [("read", "manager"), ("manage", "viewer")])
def test_who_may_only_look_leaves_nobody_out(program: Caller, scope: str, role: str) -> None:
    caller = program(judged_pairs(), scope, role)

    answers = [caller.post(EXCLUSION, {"reason": "x"}), caller.delete(EXCLUSION)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not Exclusion.objects.exists()


def test_nobody_is_404_and_a_model_is_422(program: Caller) -> None:
    caller = program(judged_pairs())
    refs = ("nobody", "llm:top:0123abcd")

    answers = [
        caller.post(f"/studies/alps/raters/{ref}/exclusion/", {"reason": "x"}) for ref in refs
    ]

    assert [answer.status_code for answer in answers] == [404, 422]


OTHERS = "/studies/alps/raters/w0/others/"


def test_others_are_asked_once_in_the_stead_of_who_is_left_out(program: Caller) -> None:
    study = study_with(3, 1)
    work(study, rater(study, "w0"), 2)
    caller = program(study)

    refused = caller.post(OTHERS)
    caller.post(EXCLUSION, {"reason": "x"})
    opened = [caller.post(OTHERS).json() for _ in range(2)]

    assert refused.status_code == 422
    assert refused.json()["error"]["message"] == "They are not left out."
    assert opened == [{"opened": 2}, {"opened": 0}]


@pytest.mark.parametrize(("scope", "role"), [("read", "manager"), ("manage", "viewer")])
def test_who_may_only_look_asks_nobody(program: Caller, scope: str, role: str) -> None:
    assert program(judged_pairs(), scope, role).post(OTHERS).status_code == 403
