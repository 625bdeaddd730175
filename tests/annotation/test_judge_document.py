"""The judges' document: the same for command and API, from what is in the tables."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.judge_document import judge_cards, name_of
from generation.models import Attribute, GivenAttribute, Response
from studies.models import Study
from tests.annotation.judged import judged_pairs
from tests.samples import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Six pairs, two judges, two peers."""
    return judged_pairs()


def cards(study: Study, **options: Any) -> dict[str, Any]:
    """The only card of each judge, by the judge's name."""
    document = judge_cards(study=study, stage="response", **options)
    return {judge["judge"]: judge["cards"][0] for judge in document["judges"]}


def test_judge_that_picks_the_first_shows_on_its_card(study: Study) -> None:
    card = cards(study)["top"]

    assert card["orders"]["flip_rate"] == {"value": 1, "n": 6}
    assert card["bias"]["position"]["judge"]["value"] == 1
    assert card["calibration"]["accuracy"] == {"value": 0.5, "n": 6}


def test_judge_that_agrees_with_people_shows_on_its_card(study: Study) -> None:
    card = cards(study)["length"]

    assert card["orders"]["consistency"] == {"value": 1, "n": 6}
    assert card["calibration"]["accuracy"]["value"] == 1
    length = card["bias"]["length"]
    assert (length["judge"]["value"], length["difference"]["value"]) == (1, 0)


def test_judge_rows_say_who_and_why_unusable(study: Study) -> None:
    document = judge_cards(study=study, stage="response", judge="top")

    (judge,) = document["judges"]
    assert (judge["rater"], judge["model"], judge["arm"]) == ("llm:top:0123abcd", "m", "plain")
    assert judge["unusable_by_reason"] == [{"reason": "unknown", "n": 1}]
    assert (judge["judgments"], judge["unusable"]) == (13, 1)


def test_own_answers_are_those_of_the_judges_model(study: Study) -> None:
    Response.objects.filter(strategy="generic").update(model="other")

    own = cards(study)["length"]["bias"]["own"]

    assert own["judge"]["n"] == 6


def test_mentions_are_read_from_what_was_given(study: Study) -> None:
    attribute = Attribute.objects.create(study=study, ref="a", text="Vegan", author="owner")
    for response in Response.objects.filter(strategy="all"):
        GivenAttribute.objects.create(
            response=response, attribute=attribute, position=0, is_mentioned=True
        )

    assert cards(study)["top"]["bias"]["mention"]["judge"]["n"] == 6


def test_intervals_need_two_persons(study: Study) -> None:
    length = cards(study)["length"]["bias"]["length"]

    assert length["judge"]["no_interval"] == "all of it is about one person"


def test_owner_as_reference_has_nothing_to_hold_to(study: Study) -> None:
    card = cards(study, reference="owner")["top"]

    assert card["beside_people"] == 0
    assert card["calibration"]["ece_width"]["value"] is None


def test_document_of_nobody_has_no_judges() -> None:
    document = judge_cards(study=make_study(), stage="response")

    assert document["judges"] == []
    assert {row["question"] for row in document["questions"]} >= {"preference", "quality"}


@pytest.mark.parametrize("stage", ["extraction", "relevance", "response"])
def test_document_of_each_stage_is_made(stage: str) -> None:
    assert judge_cards(study=make_study(), stage=stage)["stage"] == stage


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"stage": "relevance"}, "no stage “relevance”"),
        ({"judge": "nobody"}, "No judge “nobody” has judged here; there is: length, top"),
        ({"question": "mood"}, "No measured question “mood”"),
        ({"reference": "mean"}, "The reference is one of majority, owner"),
    ],
)
def test_document_refuses_with_a_sentence(
    study: Study, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        judge_cards(study=study, **{"stage": "response", **options})


def test_command_prints_the_document(study: Study) -> None:
    out = StringIO()

    call_command("judge_card", study="alps", stage="response", json=True, stdout=out)

    document = judge_cards(study=study, stage="response")
    assert json.loads(out.getvalue()) == json.loads(json.dumps(document))


def test_command_prints_lines_for_people(study: Study) -> None:
    out = StringIO()

    call_command("judge_card", study="alps", stage="response", judge="top", stdout=out)

    assert "orders.flip_rate: 1.000 (n 6)" in out.getvalue()
    assert "undefined, as a comparison has no level" in out.getvalue()


def test_document_takes_as_many_queries_for_more_items() -> None:
    counts = []
    for count in (2, 6):
        study = judged_pairs(count)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            judge_cards(study=study, stage="response")
        counts.append(len(queries))
        study.delete()

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("ref", "name"), [("llm:top:0123abcd", "top"), ("gpt-4", "gpt-4"), ("llm:x", "llm:x")]
)
def test_name_of_a_judge(ref: str, name: str) -> None:
    assert name_of(ref) == name
