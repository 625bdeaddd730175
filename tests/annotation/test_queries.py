"""Figures over what is stored: which versions count, and what is told of the others."""

from copy import deepcopy

import pytest

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater
from annotation.counting import progress
from annotation.queries import agreement
from annotation.screens import screen_of
from studies.actions.studies import load_study
from studies.models import Study
from tests.samples import pairwise_study

pytestmark = pytest.mark.django_db


def judge_one(study: Study, name: str, answer: str) -> None:
    rater = external_rater(study=study, name=name)
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place
    entries = [
        Entry(item=shown.ref, answers={"preference": answer}) for shown in screen_of(place).items
    ]
    submit_assignment(assignment_id=place.id, rater=rater, fence=place.fence, entries=entries)


def with_rubric(study: Study, old: str, new: str) -> Study:
    """The study under version 2, in which one option's value or label reads otherwise."""
    document = deepcopy(study.document)
    rubric = document["stages"]["response"]["rubric"]
    rubric["version"] = 2
    option = rubric["questions"][0]["options"][2]
    option.update(value=new) if option["value"] == old else option["label"].update(en=new)
    return load_study(document=document, by=None)


def test_agreement_counts_answers_of_people() -> None:
    study = pairwise_study(1)
    judge_one(study, "w1", "tie")
    judge_one(study, "w2", "tie")

    found = agreement(study=study, stage="response")

    assert (found["items"], found["labels"], found["rubric_versions"]) == (1, {"tie": 1}, [1])


def test_agreement_leaves_out_answers_on_another_scale_and_says_so() -> None:
    study = pairwise_study(1)
    judge_one(study, "w1", "tie")

    found = agreement(study=with_rubric(study, "tie", "equal"), stage="response")

    assert (found["items"], found["rubric_versions"]) == (0, [2])
    assert found["undefined"][-1] == {
        "figure": "answers under rubric version 1",
        "reason": "1 judgments answered the question on another scale",
    }


def test_agreement_counts_versions_that_only_word_it_otherwise() -> None:
    study = pairwise_study(1)
    judge_one(study, "w1", "tie")

    found = agreement(study=with_rubric(study, "", "No difference"), stage="response")

    assert (found["items"], found["rubric_versions"]) == (1, [1, 2])


def test_progress_counts_places_by_state() -> None:
    study = pairwise_study(2, places=1)
    judge_one(study, "w1", "tie")

    (row,) = progress(study)

    assert (row["planned"], row["done"], row["free"]) == (2, 1, 1)
