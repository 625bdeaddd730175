"""Judges as a study's document describes them, set to work."""

from annotation.actions.judging import plan_judging
from studies.models import Study
from tests.generation.machine import done
from work.queries import Progress

JUDGES = [
    {"name": "rules", "endpoint": "baseline"},
    {"name": "twice", "endpoint": "fake", "samples": 2},
    {"name": "model", "endpoint": "fake"},
    {"name": "given", "endpoint": "fake", "orders": "given"},
    {"name": "knowing", "endpoint": "fake", "arm": "profile"},
    {"name": "drawn", "endpoint": "fake", "orders": "drawn"},
    {
        "name": "reasons",
        "endpoint": "fake",
        "reasoning": True,
        "max_tokens": 300,
        "orders": "given",
    },
    {"name": "rules-reason", "endpoint": "baseline", "reasoning": True, "orders": "given"},
]


def judged(study: Study, stage: str, judge: str = "model") -> Progress:
    """All that the judge is to judge at the stage, done."""
    return done(plan_judging(study=study, stage=stage, judge_name=judge, by="test"))
