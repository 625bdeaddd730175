"""What a researcher's page tells: how far it is, what failed and why, what has left."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotation.adjudicating import waiting_for_experts
from annotation.choices import Stage
from annotation.counting import Standing
from annotation.known_missing import missing_known
from annotation.models import Judgment
from annotation.unread_languages import Unread, unread_in
from releases.models import Release
from studies.models import Study
from web.held import HeldJobs, LeftAlone, held_jobs, left_alone
from web.runs_page import LONGEST_LIST, given_up
from web.study_money import NearlyUsed, nearly_used
from work.models import JobResult


@dataclass(frozen=True, slots=True)
class Trouble:
    """What needs somebody: each a list of (what, how often), the most frequent first."""

    dead_jobs: list[tuple[str, str, int]]
    """(kind of job, last error, how many)."""
    unusable: list[tuple[str, int]]
    """(judge, answers that could not be read)."""
    refused: list[tuple[str, int]]
    """(reason, attributes that an extractor proposed and the site refused)."""
    releases: list[Release]
    """Those that could not be built."""
    concerns: int
    """Reported by participants, and settled by nobody."""
    held: list[HeldJobs]
    """Those that wait for a person though their run goes on."""
    left_alone: list[LeftAlone]
    """Endpoints of the study that are not asked now."""
    budgets: list[NearlyUsed]
    """Of the study, when little is left."""
    disputed: dict[str, int]
    """By stage: tasks with disagreements that wait for an expert."""
    unknown: dict[str, int]
    """By stage: known answers about what the study does not have."""
    unread: list[Unread]
    """Tasks in languages that no rater reads."""

    @property
    def is_empty(self) -> bool:
        """Nothing needs anybody."""
        failures = self.dead_jobs or self.unusable or self.refused or self.releases
        waiting = self.concerns or self.held or self.left_alone or self.budgets or self.disputed
        return not (failures or waiting or self.unknown or self.unread)


def trouble_in(study: Study, stands: Standing, releases: Iterable[Release]) -> Trouble:
    """Seven queries; more where the study puts disagreements to experts, or knows answers."""
    return Trouble(
        dead_jobs=given_up(study),
        unusable=stands.unusable,
        refused=_refused(study),
        releases=[row for row in releases if row.state == Release.State.FAILED],
        concerns=study.concerns.filter(settled_at__isnull=True).count(),
        held=held_jobs([study.scope]),
        left_alone=left_alone(study),
        budgets=nearly_used(study),
        disputed=waiting_for_experts(study),
        unknown=missing_known(study),
        unread=unread_in(study, stands.unread),
    )


def _refused(study: Study) -> list[tuple[str, int]]:
    results = JobResult.objects.filter(job__scope=study.scope, job__kind=Stage.EXTRACTION)
    counts: Counter[str] = Counter()
    for refused in results.values_list("value__refused", flat=True).iterator():
        counts.update(refused or {})
    return [(reason.replace("_", " "), n) for reason, n in counts.most_common(LONGEST_LIST)]


def stage_lines(study: Study, stands: Standing) -> list[tuple[str, list[dict[str, Any]]]]:
    """Each stage of the study document with its rows of progress, by role; no query."""
    rows = stands.progress
    stages = [stage for stage in Stage.values if stage in (study.document.get("stages") or {})]
    return [(stage, [row for row in rows if row["stage"] == stage]) for stage in stages]


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of a release that lie together."""

    name: str
    files: list[dict[str, Any]]
    is_main: bool


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release with its files by folder, the tables first."""

    release: Release
    folders: list[Folder]


MAIN_FOLDER = "data"


def release_lines(releases: Iterable[Release]) -> list[ReleaseLine]:
    """Each release as the page shows it; no query."""
    return [ReleaseLine(release, _folders(release)) for release in releases]


def _folders(release: Release) -> list[Folder]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    if release.state == Release.State.WITHDRAWN:
        return []
    for file in release.manifest.get("files", []):
        name, slash, _rest = file["path"].rpartition("/")
        by_name.setdefault(name.split("/")[0] if slash else "", []).append(file)
    names = sorted(by_name, key=lambda name: (name != MAIN_FOLDER, name))
    return [Folder(name, by_name[name], name == MAIN_FOLDER) for name in names]


def has_agreement(study: Study) -> bool:
    """Whether anything was judged at all."""
    return Judgment.objects.filter(study=study).exists()
