"""Who answers for what: the names that lower floors know, bound to what higher floors do."""

from datetime import datetime

import annotation.baseline
import annotation.handlers
import annotation.pay_time
import annotation.questions
import collection.converse.baseline
import collection.converse.progress
import collection.donating.progress
import collection.handlers
import collection.parts
import generation.baseline.extraction
import generation.baseline.merging
import generation.baseline.profiles
import generation.baseline.rankings
import generation.baseline.relevance
import generation.baseline.responses
import generation.baseline.verifying
import generation.handlers.extraction
import generation.handlers.merging
import generation.handlers.profiles
import generation.handlers.relevance
import generation.handlers.responses
import generation.handlers.verifying
import generation.parts
import studies.comprehension
import studies.survey
from annotation.actions.disputing import DISPUTES, plan_disputes
from annotation.actions.drafts import drop_left_drafts
from annotation.actions.tallies import (
    LOOK_SECONDS,
    TICK_SECONDS,
    count_large_studies,
    find_large_studies,
)
from annotation.actions.tasks import OPENING, apply_stages, plan_openings
from annotation.choices import Stage
from annotation.document import stage_faults
from annotation.judges import judge_faults
from annotation.parts import measure_of
from annotation.quality.section import quality_faults
from collection.actions.donating import delete_old_donations
from collection.actions.replying import KIND as REPLY
from collection.converse.document import converse_faults
from collection.donating.document import donate_faults
from collection.endpoints import check_streamed
from generation import questions
from generation.actions.automatic import AUTOMATIC, plan_automatic
from generation.actions.budgets import apply_budget
from generation.automatic import automatic_faults
from generation.budgets import budget_faults
from generation.document import endpoint_faults, strategy_faults
from generation.extraction_document import extraction_faults
from generation.owning import attributes_faults, prompts_faults
from generation.profiles import PROFILE
from generation.strategies.ensemble import RANKING
from llm import baselines, ledger
from studies.actions.identities import forget_identities
from studies.actions.visits import forget_entries, forget_sessions
from studies.care import care_faults
from studies.comprehension import comprehension_faults
from studies.document import register_section
from studies.parts import register_part
from studies.pay import pay_faults, register_count, register_time, seconds_of_pages
from studies.recruitment.document import consent_faults, entry_faults
from studies.screening import quota_faults, screening_faults
from studies.survey import survey_faults
from work import registry
from work.claims import Claim

AUTOMATIC_SECONDS = 2
OPENING_SECONDS = 3
DISPUTES_SECONDS = 3


def register_all() -> None:
    """Everything, once, at start-up."""
    register_jobs()
    register_questions()
    register_baselines()
    register_sections()
    register_parts()
    register_pay()


def register_jobs() -> None:
    """What a job of each kind does, and what the ledger does when a job changes hands."""
    registry.register("extraction", generation.handlers.extraction.extract)
    registry.register("verify", generation.handlers.verifying.verify)
    registry.register("refine", generation.handlers.verifying.refine)
    registry.register("merge", generation.handlers.merging.merge)
    registry.register("relevance", generation.handlers.relevance.select)
    registry.register("response", generation.handlers.responses.respond)
    registry.register(PROFILE, generation.handlers.profiles.summarize)
    registry.register("judge", annotation.handlers.judge)
    registry.register(REPLY, collection.handlers.settle_reply)
    registry.register(OPENING, annotation.handlers.open_new_tasks)
    registry.register(DISPUTES, annotation.handlers.settle_disputes)
    registry.register("release", build_release)
    registry.register("erasure", erase)
    registry.every("settle_releases", seconds=60, act=settle_all)
    registry.every("resume_erasures", seconds=3600, act=resume_all)
    registry.every(AUTOMATIC, seconds=AUTOMATIC_SECONDS, act=plan_automatic)
    registry.every("delete_old_donations", seconds=600, act=delete_old_donations)
    registry.every("forget_entries", seconds=600, act=forget_old_entries)
    registry.every("forget_sessions", seconds=3600, act=forget_old_sessions)
    registry.every("forget_identities", seconds=3600, act=forget_old_identities)
    registry.every(OPENING, seconds=OPENING_SECONDS, act=plan_openings)
    registry.every(DISPUTES, seconds=DISPUTES_SECONDS, act=plan_disputes)
    registry.every("drop_left_drafts", seconds=600, act=drop_old_drafts)
    registry.every("count_large_studies", seconds=TICK_SECONDS, act=count_large_studies)
    registry.every("find_large_studies", seconds=LOOK_SECONDS, act=find_large_studies)
    registry.every("lose_calls", seconds=30, act=ledger.lose_abandoned)
    registry.on_claim(ledger.on_claim)
    registry.on_late(ledger.on_late)


# What releases need, pyarrow above all, takes a sixth of a process' start, and few processes do
# any of this: it is imported by those that do.


def build_release(claim: Claim) -> None:
    """Write the files of a release."""
    from releases import handlers

    handlers.build_release(claim)


def erase(claim: Claim) -> None:
    """Erase a person."""
    from releases import handlers

    handlers.erase(claim)


def settle_all(at: datetime) -> None:
    """Fail the releases whose worker vanished at every attempt."""
    from releases.actions.releasing import settle_releases

    settle_releases()


def resume_all(at: datetime) -> None:
    """Give erasures whose job died another chance."""
    from releases.actions.erasing import resume_erasures

    resume_erasures()


def forget_old_entries(at: datetime) -> None:
    """Keep nothing longer than a day of those who only opened a door."""
    forget_entries(at=at)


def forget_old_sessions(at: datetime) -> None:
    """Keep no session, and no count of who did what how often, beyond its end."""
    from config.cache import forget_counts  # which loads Redis' client

    forget_sessions()
    forget_counts(at)


def drop_old_drafts(at: datetime) -> None:
    """Keep no draft of a place that its rater has left."""
    drop_left_drafts()


def forget_old_identities(at: datetime) -> None:
    """Keep no panel's ids longer than a study needs them."""
    forget_identities(at=at)


def register_questions() -> None:
    """How the jobs of each kind render what they ask, for those who price a run."""
    questions.register("extraction", questions.of_extraction)
    questions.register("verify", generation.handlers.verifying.verify_questions)
    questions.register("refine", generation.handlers.verifying.refine_questions)
    questions.register("merge", generation.handlers.merging.questions_of)
    questions.register("relevance", questions.of_relevance)
    questions.register("response", questions.of_response)
    questions.register("judge", annotation.questions.of_judging)


def register_baselines() -> None:
    """What answers where no model is configured."""
    baselines.register("extraction", generation.baseline.extraction.solve)
    baselines.register("verify", generation.baseline.verifying.verify)
    baselines.register("refine", generation.baseline.verifying.refine)
    baselines.register("merge", generation.baseline.merging.solve)
    baselines.register("relevance", generation.baseline.relevance.solve)
    baselines.register("response", generation.baseline.responses.solve)
    baselines.register(PROFILE, generation.baseline.profiles.solve)
    baselines.register(RANKING, generation.baseline.rankings.solve)
    baselines.register("judge", annotation.baseline.solve)
    baselines.register("converse", collection.converse.baseline.solve)


def register_sections() -> None:
    """Which floor checks and applies which section of the study document."""
    register_section("stages", stage_faults, apply_stages)
    register_section("judges", judge_faults)
    register_section("quality", quality_faults)
    register_section("endpoints", endpoint_faults)
    register_section("strategies", strategy_faults)
    register_section("extraction", extraction_faults)
    register_section("automatic", automatic_faults)
    register_section("budget", budget_faults, apply_budget)
    register_section("attributes", attributes_faults)
    register_section("prompts", prompts_faults)
    register_section("entry", entry_faults)
    register_section("consent", consent_faults)
    register_section("survey", survey_faults)
    register_section("screening", screening_faults)
    register_section("quotas", quota_faults)
    register_section("comprehension", comprehension_faults)
    register_section("pay", pay_faults)
    register_section("care", care_faults)
    register_section("converse", converse_faults, check_streamed)
    register_section("donate", donate_faults)


def register_parts() -> None:
    """Which floor measures how far somebody is with which part of a study."""
    register_part("survey", studies.survey.measure)
    register_part("comprehension", studies.comprehension.measure)
    register_part("converse", collection.converse.progress.measure)
    register_part("donate", collection.donating.progress.measure)
    register_part("review", collection.parts.review)
    register_part("attributes", generation.parts.attributes_progress)
    register_part("prompts", generation.parts.prompts_progress)
    for stage in Stage:
        register_part(stage, measure_of(stage))


def register_pay() -> None:
    """How many tasks of which part are paid, and where people's time is known from."""
    for stage in Stage.values:
        register_count(stage, annotation.pay_time.paid_tasks(stage))
    register_time("pages", seconds_of_pages)
    register_time("judging", annotation.pay_time.seconds_of)
