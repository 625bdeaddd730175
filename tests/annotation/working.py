"""Raters at work: taking places and answering them."""

from collections.abc import Iterable
from typing import Any

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater
from annotation.models import Assignment, Rater
from annotation.screens import screen_of
from studies.models import Study

STAGE = "response"


def rater(study: Study, name: str) -> Rater:
    """The rater of that name, made at first use."""
    return external_rater(study=study, name=name)


def expert(study: Study, name: str = "x") -> Rater:
    """A rater named as an expert."""
    found = rater(study, name)
    assert found.participant
    found.participant.is_expert = True
    found.participant.save()
    return found


def claim(study: Study, who: Rater, role: str = "peer", stage: str = STAGE) -> Assignment | None:
    """Their next place."""
    return claim_next(study=study, stage=stage, role=role, rater=who)


def answer(place: Assignment, comment: str = "", **answers: Any) -> None:
    """Give the same answers to every item of the place, in terms of what is shown."""
    assert place.rater
    submit_assignment(
        assignment_id=place.id,
        rater=place.rater,
        fence=place.fence,
        entries=[
            Entry(item=shown.ref, answers=answers, comment=comment)
            for shown in screen_of(place).items
        ],
    )


def work(study: Study, who: Rater, count: int, value: str = "1") -> list[Assignment]:
    """So many places answered, as far as there are any."""
    done = []
    for _ in range(count):
        place = claim(study, who)
        if place is None:
            break
        answer(place, preference=value)
        done.append(place)
    return done


def purposes(places: Iterable[Assignment]) -> list[str]:
    """What each was for."""
    return [place.purpose for place in places]
