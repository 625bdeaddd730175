"""How probable each answer is for each item, by both models of raters."""

import pytest
from django.core.exceptions import ValidationError

from annotation.models import Judgment, TaskItem
from annotation.quality.labels import label_lines, labels_document
from tests.annotation.judged import peer_of
from tests.annotation.quality.studies_made import COUNT, items_of, study_of_four

pytestmark = pytest.mark.django_db


def test_items_have_probable_answers_and_a_difficulty() -> None:
    study = study_of_four()
    Judgment.objects.filter(item=items_of(study)[0]).exclude(rater=peer_of(study, 0)).delete()
    rows = {row["item"]: row for row in labels_document(study)}

    assert len(rows) == COUNT
    lonely, agreed = (rows[items_of(study)[number].ref] for number in (0, 5))
    assert (agreed["question"], agreed["answers"], agreed["target"]) == (
        "response/preference", 4, None,
    )  # fmt: skip
    assert agreed["dawid_skene"]["1"] > 0.9
    assert agreed["mace"]["1"] > 0.9
    assert 0 <= agreed["difficulty"] < lonely["difficulty"] <= 1


def test_items_that_only_owners_judged_are_left_out() -> None:
    study = study_of_four()
    first = items_of(study)[0]
    Judgment.objects.filter(item=first).update(role="owner")

    assert first.ref not in {row["item"] for row in labels_document(study)}


def test_known_answer_of_gold_is_certain() -> None:
    study = study_of_four()
    first = items_of(study)[0]
    TaskItem.objects.filter(item=first).update(purpose="gold", expected={"preference": "1"})

    row = next(row for row in labels_document(study) if row["item"] == first.ref)

    assert (row["known"], row["dawid_skene"]["1"], row["difficulty"]) == ("1", 1.0, 0.0)


def test_lines_of_the_table_are_one_per_answer() -> None:
    study = study_of_four(12)
    Judgment.objects.filter(rater=peer_of(study, 9)).delete()

    header, *lines = label_lines(labels_document(study, "response/preference"))

    assert header[-3:] == ("label", "dawid_skene", "mace")
    assert {line[6] for line in lines[:2]} == {"1", "2"}
    assert len(lines) == 24


def test_question_that_nobody_answered_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is: response/preference"):
        labels_document(study_of_four(2), "response/other")
