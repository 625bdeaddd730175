"""Spans marked in responses: within the very response, stored per response, side or no side."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater
from annotation.models import Assignment, Judgment
from annotation.screens import screen_of
from tests.samples import make_pairs, make_study

pytestmark = pytest.mark.django_db

DIFFERENCES = {
    "key": "differences",
    "kind": "spans",
    "per": "response",
    "wording": {"peer": {"en": "What differs?"}},
}


def place_with_spans() -> Assignment:
    rubric = {"version": 1, "questions": [DIFFERENCES]}
    study = make_study("alps", {"response": {"overlap": {"peer": 1}, "rubric": rubric}})
    make_pairs(study, 1)
    rater = external_rater(study=study, name="w1")
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place
    return place


def submit(place: Assignment, spans: Any) -> list[Judgment]:
    (shown,) = screen_of(place).items
    answers = {"differences": dict.fromkeys(shown.targets.responses, spans)}
    return submit_assignment(
        assignment_id=place.id,
        rater=place.rater,
        fence=place.fence,
        entries=[Entry(item=shown.ref, answers=answers)],
    )


def test_spans_are_stored_per_response() -> None:
    (judgment,) = submit(place_with_spans(), [[2, 5], [0, 1]])

    assert judgment.answers == {
        "differences": {"q0000-generic": [[0, 1], [2, 5]], "q0000-all": [[0, 1], [2, 5]]}
    }


def test_spans_beyond_the_response_are_refused() -> None:
    place = place_with_spans()

    with pytest.raises(ValidationError, match="A span ends after the text"):
        submit(place, [[0, 10_000]])
    assert Judgment.objects.count() == 0
