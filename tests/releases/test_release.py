"""Releases: planned once, built as the same bytes, loaded by those who train."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection

from annotation.models import Item
from releases.actions.releasing import job_of, plan_release
from releases.handlers import build_release
from releases.models import Release
from releases.queries import released_file
from studies.models import Membership, Study, User
from tests.factories import (
    judge,
    make_attribute,
    make_conversation,
    make_item,
    make_judge,
    make_participant,
    make_prompt,
    make_rater,
    make_response,
    make_study,
    withdraw,
)
from work import queue
from work.actions.jobs import cancel
from work.errors import GiveUp, RetryLater
from work.models import Job

WORDS = "publish_words"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def releases_dir(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.RELEASES_DIR = tmp_path / "releases"
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    return tmp_path


@pytest.fixture
def study() -> Study:
    """Twelve invented people, each with one item of every stage, judged by all and one judge."""
    study = make_study(title={"en": "Alps"}, languages=["en"])
    judge_rater = make_judge(study)
    for n in range(12):
        owner = make_participant(study, f"p{n:02}")
        for item, answers in make_chain(study, owner, n):
            judge(item, make_rater(study, owner), answers, "owner")
            judge(item, judge_rater, answers, "llm")
    return study


def make_chain(study: Study, owner: Any, n: int) -> list[tuple[Item, dict[str, Any]]]:
    conversation = make_conversation(study, owner, ref=f"c{n:02}")
    attribute = make_attribute(study, owner, f"a{n:02}", conversation=conversation)
    prompt = make_prompt(study, owner, f"q{n:02}", f"Where can I hike in week {n}?")
    first = make_response(prompt, f"r{n:02}-1", "Anywhere.")
    second = make_response(prompt, f"r{n:02}-2", "The Gurten.", "all_attributes", [attribute])
    return [
        (make_item(study, "extraction", f"x{n:02}", attribute=attribute), {"accuracy": "accurate"}),
        (
            make_item(study, "relevance", f"y{n:02}", attribute=attribute, prompt=prompt),
            {"relevance": "must"},
        ),
        (
            make_item(study, "response", f"z{n:02}", prompt=prompt, first=first, second=second),
            {"preference": "second_much", "quality": {first.ref: "fair", second.ref: "good"}},
        ),
    ]


def released(study: Study) -> Release:
    """The study's next release, built by this thread as a worker would."""
    release = plan_release(study=study, by=None)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    build_release(claim)
    release.refresh_from_db()
    return release


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def readable(folder: Path) -> dict[str, str]:
    """Every file's text; Parquet is compressed, so its rows are read."""
    parquet = {
        str(path): str(pq.read_table(path).to_pylist()) for path in folder.rglob("*.parquet")
    }
    others = (path for path in folder.rglob("*.*") if path.suffix != ".parquet")
    return parquet | {str(path): path.read_text() for path in others if path.is_file()}


def test_release_built_twice_from_the_same_state_is_the_same_bytes(study: Study) -> None:
    release = released(study)
    first = contents(release.folder)
    Release.objects.all().delete()

    second = released(study)

    assert contents(second.folder) == first


def test_manifest_names_every_file_with_size_and_digest(study: Study) -> None:
    release = released(study)

    files = contents(release.folder)
    manifest = json.loads(files.pop("manifest.json"))

    assert manifest == release.manifest
    assert {file["path"]: (file["bytes"], file["sha256"]) for file in manifest["files"]} == {
        path: (len(content), hashlib.sha256(content).hexdigest()) for path, content in files.items()
    }


def test_manifest_says_what_the_release_is_made_of(study: Study) -> None:
    manifest = released(study).manifest

    assert {row["stage"] for row in manifest["rubrics"]} == {"extraction", "relevance", "response"}
    assert manifest["prompts"] == {
        "judging": ["judge-1"],
        "extraction": ["extract-1"],
        "response": ["respond-1"],
    }
    assert manifest["consent"] == {
        "scopes": ["publish_ratings", "publish_words"],
        "participants": 12,
        "publish_ratings": 12,
        "publish_words": 12,
        "judgments_withheld": 0,
    }


def test_release_loads_as_datasets_by_config(study: Study, tmp_path: Path) -> None:
    release = released(study)

    rows = {
        name: datasets.load_dataset(str(release.folder), name, cache_dir=str(tmp_path / "cache"))
        for name in release.manifest["rows"]
    }

    assert {
        name: {part: d.num_rows for part, d in parts.items()} for name, parts in rows.items()
    } == release.manifest["rows"]
    assert sum(release.manifest["rows"]["relevance"].values()) == 12


def test_release_loads_its_default_config_and_has_the_trainers_columns_only(
    study: Study, tmp_path: Path
) -> None:
    folder = str(released(study).folder)

    default = datasets.load_dataset(folder, cache_dir=str(tmp_path / "cache"))
    dpo = datasets.load_dataset(folder, "trl_dpo", cache_dir=str(tmp_path / "cache"))

    assert "judgment" in default["train"].column_names
    assert dpo["train"].column_names == ["prompt", "chosen", "rejected"]
    assert dpo["train"][0]["chosen"] == [{"role": "assistant", "content": "The Gurten."}]


def test_release_is_read_by_pandas_with_types(study: Study) -> None:
    release = released(study)

    judgments = pd.read_parquet(release.folder / "data" / "judgments" / "train.parquet")

    assert str(judgments.submitted_at.dtype).startswith("datetime64[")
    assert judgments.usable.all()


def test_jsonl_copies_hold_the_same_rows(study: Study) -> None:
    folder = released(study).folder

    lines = (folder / "jsonl/relevance/train.jsonl").read_text().splitlines()
    table = pd.read_parquet(folder / "data/relevance/train.parquet")

    assert [json.loads(line)["item"] for line in lines] == list(table["item"])


def test_parts_share_no_person_and_no_prompt(study: Study) -> None:
    folder = released(study).folder

    parts = [pd.read_parquet(path) for path in sorted(folder.glob("data/relevance/*.parquet"))]

    persons = [set(part["subject"]) for part in parts]
    assert sum(len(part) for part in persons) == len(set.union(*persons)) == 12


def test_card_lists_configs_with_one_default(study: Study) -> None:
    release = released(study)

    text = (release.folder / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])

    defaults = [each["config_name"] for each in front["configs"] if each.get("default")]
    assert {each["config_name"] for each in front["configs"]} == set(release.manifest["rows"])
    assert defaults == ["judgments"]


def test_croissant_describes_every_config_and_file(study: Study) -> None:
    release = released(study)

    described = json.loads((release.folder / "croissant.json").read_text())

    sets = {each["@id"]: each for each in described["recordSet"]}
    hashes = {each["@id"]: each.get("sha256") for each in described["distribution"]}
    parquet = {
        file["path"]: file["sha256"]
        for file in release.manifest["files"]
        if file["path"].endswith(".parquet") and ".meta." not in file["path"]
    }
    assert sets.keys() == release.manifest["rows"].keys()
    assert parquet.items() <= hashes.items()


def test_first_release_has_nothing_to_take_back(study: Study) -> None:
    folder = released(study).folder

    assert (folder / "tombstones.jsonl").read_bytes() == b""
    assert "first release" in (folder / "CHANGES.md").read_text()


def test_withdrawal_reaches_the_next_release(study: Study) -> None:
    released(study)
    person = study.participants.get(ref="p03")
    withdraw(person, "publish_words", "publish_ratings")

    folder = released(study).folder

    lines = [json.loads(line) for line in (folder / "tombstones.jsonl").read_text().splitlines()]
    taken = {(line["table"], line["id"], line["removed"]) for line in lines}
    assert ("conversations", "c03", "row") in taken
    assert ("judgments", "j-z03-w-p03", "row") in taken
    assert ("responses", "z03", "words") in taken
    assert "| conversations | 12 | 11 | 0 | 1 | 0 |" in (folder / "CHANGES.md").read_text()


def test_words_of_a_person_who_keeps_them_are_in_no_file(study: Study) -> None:
    canary = make_participant(study, "quiet", ["publish_ratings"])
    conversation = make_conversation(study, canary, ["Zanzibar is my home."], ref="zz")
    attribute = make_attribute(study, canary, "zz", "Lives in Zanzibar.", conversation, (0, 8))
    prompt = make_prompt(study, canary, "zz", "A day in Zanzibar?")
    first = make_response(prompt, "zz", "In Zanzibar, swim.")
    make_item(study, "extraction", "zz1", attribute=attribute)
    make_item(study, "relevance", "zz2", attribute=attribute, prompt=prompt)
    pair = make_item(study, "response", "zz3", prompt=prompt, first=first)
    judge(pair, make_rater(study, canary), {"reason": "Zanzibar!"}, "owner")

    assert [
        name for name, found in contents(released(study).folder).items() if b"anzibar" in found
    ] == []


def test_consent_withdrawn_while_building_builds_again(study: Study) -> None:
    release = plan_release(study=study, by=None)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    withdrawal = Once("collection_turn", lambda: withdraw(study.participants.all()[0], WORDS))

    with connection.execute_wrapper(withdrawal), pytest.raises(RetryLater):
        build_release(claim)

    release.refresh_from_db()
    assert (release.state, list(release.folder.parent.iterdir())) == ("planned", [])


class Once:
    """Does something when the first query that names a table is sent: in the middle of a build."""

    def __init__(self, table: str, act: Callable[[], None]) -> None:
        self.table = table
        self.act: Callable[[], None] | None = act

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        act = self.act
        if self.table in sql and act is not None:
            self.act = None
            act()
        return execute(sql, params, many, context)


def test_planning_twice_is_one_release(study: Study) -> None:
    first = plan_release(study=study, by=None)

    assert plan_release(study=study, by=None) == first


def test_versions_have_no_gaps_after_a_failure(study: Study) -> None:
    release = plan_release(study=study, by=None)
    cancel(Job.objects.filter(pk=job_of(release).pk), reason="Enough.")

    following = plan_release(study=study, by=None)

    release.refresh_from_db()
    assert (release.state, release.failure) == ("failed", "Enough.")
    assert (release.version, following.version) == (1, 2)


def test_failure_of_the_last_attempt_is_recorded(
    study: Study, settings: Any, tmp_path: Path
) -> None:
    release = plan_release(study=study, by=None)
    Job.objects.update(max_attempts=1)
    (tmp_path / "releases").write_text("in the way")
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None

    with pytest.raises(NotADirectoryError):
        build_release(claim)

    release.refresh_from_db()
    assert (release.state, "NotADirectoryError" in release.failure) == ("failed", True)


def test_job_of_a_release_that_is_gone_gives_up(study: Study) -> None:
    plan_release(study=study, by=None)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    Release.objects.all().delete()

    with pytest.raises(GiveUp):
        build_release(claim)


def test_viewer_may_not_release(study: Study) -> None:
    viewer = User.objects.create_user("vera")
    Membership.objects.create(study=study, user=viewer, role="viewer")

    with pytest.raises(PermissionDenied):
        plan_release(study=study, by=viewer)


def test_manager_may_release(study: Study) -> None:
    manager = User.objects.create_user("max")
    Membership.objects.create(study=study, user=manager, role="manager")

    assert plan_release(study=study, by=manager).version == 1


def test_file_outside_the_manifest_is_not_served(study: Study) -> None:
    release = released(study)

    served = released_file(release, "data/judgments/train.parquet")

    assert served is not None
    assert hashlib.sha256(served.path.read_bytes()).hexdigest() == served.sha256
    assert released_file(release, "../../../etc/passwd") is None


def test_study_without_anything_releases_only_its_descriptions() -> None:
    release = released(make_study("empty"))

    assert set(contents(release.folder)) == {
        "CHANGES.md",
        "README.md",
        "croissant.json",
        "manifest.json",
        "tombstones.jsonl",
    }


def test_command_plans_a_release(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("release", "--study", study.slug, "--json")

    assert json.loads(capsys.readouterr().out)["version"] == 1


def test_command_refuses_an_unknown_study() -> None:
    with pytest.raises(CommandError, match="There is no study"):
        call_command("release", "--study", "nowhere")
