"""What is raced for: a study of pairs with so many places each."""

from annotation.actions.raters import external_rater
from annotation.models import Rater
from studies.models import Study
from tests.samples import PREFERENCE, make_pairs, make_study


def make_race(slug: str, tasks: int, places: int, lease_minutes: float = 30) -> Study:
    """A study of so many tasks of one pair, each with so many places for peers."""
    stage = {
        "overlap": {"peer": places},
        "rubric": PREFERENCE,
        "lease_minutes": lease_minutes,
    }
    study = make_study(slug, {"response": stage})
    make_pairs(study, tasks)
    return study


def make_raters(study: Study, count: int) -> list[Rater]:
    """So many programs' raters."""
    return [external_rater(study=study, name=f"w{n}") for n in range(count)]
