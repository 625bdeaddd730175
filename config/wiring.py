"""Who answers for what: the names that lower floors know, bound to what higher floors do."""

from datetime import datetime

import annotation.baseline
import annotation.handlers
import generation.baseline.extraction
import generation.baseline.relevance
import generation.baseline.responses
import generation.handlers
import releases.handlers
from annotation.actions.rubrics import freeze_rubrics
from annotation.actions.tasks import OPENING, plan_openings
from annotation.document import stage_faults
from annotation.judges import judge_faults
from generation.document import endpoint_faults, strategy_faults
from llm import baselines, ledger
from releases.actions.releasing import settle_releases
from studies.document import register_section
from work import registry

OPENING_SECONDS = 10


def register_all() -> None:
    """Everything, once, at start-up."""
    register_jobs()
    register_baselines()
    register_sections()


def register_jobs() -> None:
    """What a job of each kind does, and what the ledger does when a job changes hands."""
    registry.register("extraction", generation.handlers.extract)
    registry.register("relevance", generation.handlers.select)
    registry.register("response", generation.handlers.respond)
    registry.register("judge", annotation.handlers.judge)
    registry.register(OPENING, annotation.handlers.open_new_tasks)
    registry.register("release", releases.handlers.build_release)
    registry.every("settle_releases", seconds=60, act=settle_all)
    registry.every(OPENING, seconds=OPENING_SECONDS, act=plan_openings)
    registry.on_claim(ledger.on_claim)
    registry.on_late(ledger.on_late)


def settle_all(at: datetime) -> None:
    """Fail the releases whose worker vanished at every attempt."""
    settle_releases()


def register_baselines() -> None:
    """What answers where no model is configured."""
    baselines.register("extraction", generation.baseline.extraction.solve)
    baselines.register("relevance", generation.baseline.relevance.solve)
    baselines.register("response", generation.baseline.responses.solve)
    baselines.register("judge", annotation.baseline.solve)


def register_sections() -> None:
    """Which floor checks and applies which section of the study document."""
    register_section("stages", stage_faults, freeze_rubrics)
    register_section("judges", judge_faults)
    register_section("endpoints", endpoint_faults)
    register_section("strategies", strategy_faults)
