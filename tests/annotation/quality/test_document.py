"""The signals of a study's real rows: who is ranked first, and what stands behind it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.exclusions import exclude_rater
from annotation.models import Judgment, Rater, TaskItem
from annotation.quality.document import (
    flagged_at_a_glance,
    flagged_raters,
    rater_document,
    raters_document,
)
from studies.models import User
from tests.annotation.judged import peer_of
from tests.annotation.quality.studies_made import COUNT, study_of_four
from tests.samples import PREFERENCE, make_study

pytestmark = pytest.mark.django_db


def test_the_one_who_does_not_look_is_listed_first() -> None:
    found = raters_document(study_of_four())["raters"]

    assert found[0]["rater"] == "w9"
    assert {"same_answer", "agreement"} <= set(found[0]["flags"])
    assert [row["flags"] for row in found[1:]] == [[], [], []]


def test_row_says_how_much_and_how_fast() -> None:
    row = raters_document(study_of_four())["raters"][0]

    assert (row["judgments"], row["seconds"], row["gold"]) == (COUNT, 0.2, None)
    assert row["agreement"]["value"] < 0.1
    assert row["agreement"]["n"] == COUNT


def test_card_shows_answers_beside_those_of_others() -> None:
    card = rater_document(study_of_four(), "w9")

    signal = next(one for one in card["signals"] if one["signal"] == "agreement")
    first = signal["judgments"][0]["answers"][0]
    assert signal["is_flag"]
    assert (first["answer"], first["others"]) == ("1", {"2": 3})


def test_gold_is_counted_and_opens_what_was_answered_otherwise() -> None:
    study = study_of_four()
    expected = {"preference": ["1", "tie"]}
    tasks = TaskItem.objects.filter(task__study=study, item__ref__isnull=False).order_by(
        "item__ref"
    )
    for entry in tasks[:12]:
        TaskItem.objects.filter(pk=entry.pk).update(purpose="gold", expected=expected)

    card = rater_document(study, "w9")
    gold = next(one for one in card["signals"] if one["signal"] == "gold")

    assert (gold["value"], gold["n"], gold["judgments"]) == (1.0, 12, [])
    missed = next(one for one in rater_document(study, "w0")["signals"] if one["signal"] == "gold")
    answers = [answer for row in missed["judgments"] for answer in row["answers"]]
    assert {(answer["answer"], *answer["expected"]) for answer in answers} == {("2", "1", "tie")}


def test_somebody_left_out_stays_on_the_list_and_needs_no_look() -> None:
    study = study_of_four()
    assert (flagged_raters(study), flagged_at_a_glance(study)) == (["w9"], 1)

    ada = User.objects.create(username="ada", is_superuser=True)
    exclude_rater(rater=peer_of(study, 9), reason="clicks through", by=ada)

    row = raters_document(study)["raters"][0]
    assert (row["rater"], row["excluded"]["reason"]) == ("w9", "clicks through")
    assert flagged_raters(study) == []


def test_weights_of_both_models_are_told_for_each_question() -> None:
    question = raters_document(study_of_four())["questions"][0]

    assert (question["question"], question["answers"]) == ("response/preference", 4 * COUNT)
    assert question["weights"]["w9"]["dawid_skene"] < question["weights"]["w0"]["dawid_skene"]
    assert question["weights"]["w9"]["mace"] < question["weights"]["w0"]["mace"]


def test_owner_who_differs_from_peers_is_not_compared() -> None:
    study = study_of_four()
    Judgment.objects.filter(rater=peer_of(study, 9)).update(role="owner")

    card = rater_document(study, "w9")

    assert {"agreement", "reliability", "copying"}.isdisjoint(
        one["signal"] for one in card["signals"]
    )


def test_study_without_judgments_has_nobody() -> None:
    study = make_study(stages={"response": {"rubric": PREFERENCE}})

    assert raters_document(study)["raters"] == []
    with pytest.raises(Rater.DoesNotExist):
        rater_document(study, "w9")


def test_list_asks_no_more_of_the_database_for_more_judgments() -> None:
    counts = []
    for count in (12, 40):
        study = study_of_four(count)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            raters_document(study)
        counts.append(len(seen))
        study.delete()

    assert counts[0] == counts[1]


def test_question_that_nobody_answered_on_its_scale_tells_nothing() -> None:
    study = study_of_four(2)
    Judgment.objects.update(answers={})

    assert [row["flags"] for row in raters_document(study)["raters"]] == [[], [], [], []]
    assert flagged_at_a_glance(study) == 0
