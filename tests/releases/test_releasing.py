"""Planning and publishing when several do it at once, or too late."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from releases.actions.releasing import fail_release, job_of, plan_release, settle_releases
from releases.handlers import build_release
from releases.models import Release
from studies.models import Study
from tests.factories import make_participant, make_prompt, make_study
from work import liveness, queue
from work.actions.jobs import cancel
from work.claims import Claim
from work.errors import GiveUp, LateClaim
from work.liveness import beat
from work.models import Job


@pytest.fixture(autouse=True)
def releases_dir(tmp_path: Path, settings: Any) -> None:
    settings.RELEASES_DIR = tmp_path / "releases"


@pytest.fixture
def study() -> Study:
    study = make_study()
    make_prompt(study, make_participant(study, "p1"))
    return study


def claimed() -> Claim:
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    return claim


def plan_in_thread(study: Study) -> Release:
    try:
        return plan_release(study=study, by=None)
    finally:
        connection.close()


def build_in_thread() -> None:
    try:
        build_release(claimed())
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_release_planned_by_many_at_once_is_one(study: Study) -> None:
    with ThreadPoolExecutor(6) as threads:
        planned = list(threads.map(plan_in_thread, [study] * 6))

    assert {release.version for release in planned} == {1}
    assert (Release.objects.count(), Job.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_command_builds_it_itself_where_no_worker_is_alive(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("release", "--study", study.slug, "--wait", "--json")

    assert json.loads(capsys.readouterr().out)["state"] == "published"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["worker", "celery"])
def test_command_waits_until_a_worker_has_built(
    study: Study,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    role: str,
) -> None:
    plan_release(study=study, by=None)
    # Who showed themselves in another test a moment ago would not again.
    monkeypatch.setattr(liveness, "_last_beat", {})
    beat(role)
    worker = Thread(target=build_in_thread)

    worker.start()
    call_command("release", "--study", study.slug, "--wait", "--json")
    worker.join()

    document = json.loads(capsys.readouterr().out)
    assert document["state"] == "published"
    assert (Path(document["folder"]) / "manifest.json").is_file()


@pytest.mark.django_db
def test_reason_of_a_failure_is_not_overwritten(study: Study) -> None:
    release = plan_release(study=study, by=None)
    cancel(Job.objects.filter(pk=job_of(release).pk), reason="Enough.")
    settle_releases()

    fail_release(release=release, reason="Too late to matter.")

    release.refresh_from_db()
    assert (release.state, release.failure) == ("failed", "Enough.")


@pytest.mark.django_db
def test_builder_that_lost_its_claim_publishes_nothing(study: Study) -> None:
    release = plan_release(study=study, by=None)
    claim = claimed()
    cancel(Job.objects.filter(pk=claim.job_id), reason="Enough.")

    with pytest.raises(LateClaim):
        build_release(claim)

    release.refresh_from_db()
    assert (release.state, list(release.folder.parent.iterdir())) == ("planned", [])


@pytest.mark.django_db
def test_what_an_interrupted_attempt_left_is_replaced(study: Study) -> None:
    release = plan_release(study=study, by=None)
    for name in ("v1", "v1.draft-7"):
        left = release.folder.with_name(name) / "half.parquet"
        left.parent.mkdir(parents=True)
        left.write_text("PAR")

    build_release(claimed())

    assert [path.name for path in release.folder.parent.iterdir()] == ["v1"]
    assert not (release.folder / "half.parquet").exists()


@pytest.mark.django_db
def test_failed_release_is_not_built(study: Study) -> None:
    fail_release(release=plan_release(study=study, by=None), reason="Enough.")

    with pytest.raises(GiveUp):
        build_release(claimed())
