"""The judges' cards for programs: the command's document, and refusals."""

import json

import pytest

from annotation.judge_document import judge_cards
from tests.annotation.judged import judged_pairs
from tests.api.conftest import Caller


def test_judges_are_the_commands_document(program: Caller) -> None:
    study = judged_pairs()

    body = program(study).get("/studies/alps/judges/", stage="response").json()

    assert body == json.loads(json.dumps(judge_cards(study=study, stage="response")))


@pytest.mark.parametrize("query", [{}, {"stage": "x"}, {"stage": "response", "judge": "nobody"}])
def test_judges_refuses_what_there_is_not(program: Caller, query: dict[str, str]) -> None:
    assert program(judged_pairs(2)).get("/studies/alps/judges/", **query).status_code == 422
