"""Worker, broker and web die by `kill -9` in the middle of paid work, under the supervisor.

The site runs on the test's own PostgreSQL, where several processes write at once; what it asks is
answered, and billed, by a process of its own.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.actions.runs import plan_run
from generation.models import Attribute, Evidence
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call
from studies.models import Study
from tests.journeys.model import Model, honest_model
from tests.samples import make_conversation, make_participant, make_study
from tests.site import Site, database_of_test, running_site, wait_for
from work.models import Job, JobResult, Run

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

JOBS = 200
SECONDS = 120
KILLED = {20: "config.celery", 60: "valkey-server", 100: "config.server"}
"""How many jobs are done when a part of the site is killed."""
SAID = "I live in house {n} near Bern. Can you help? I like soup number {n}."
PER_CONVERSATION = 2


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    """Takes its time, so that calls are under way whenever something dies."""
    with honest_model(tmp_path / "billed", latency_ms=300) as running:
        yield running


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    """A site that takes a silent worker's job away after five seconds."""
    environment = {"DATABASE_URL": database_of_test(), "JOB_LEASE_SECONDS": "5"}
    data_dir = tmp_path / "site"
    data_dir.mkdir()
    with running_site(data_dir, **environment) as running:
        yield running


def test_killed_parts_lose_and_double_nothing(site: Site, model: Model) -> None:
    run = planned(model)
    started = time.monotonic()
    for done, part in KILLED.items():
        wait_for_results(run, done, site)
        kill(site, part)
    wait_for_results(run, JOBS, site)

    assert time.monotonic() - started < SECONDS
    assert site.status() == 200
    assert_each_once(run)
    assert_on_record(run, model)


def planned(model: Model) -> Run:
    """Two hundred conversations of an invented person, to be read by the model."""
    study = make_study("many")
    person = make_participant(study)
    for n in range(JOBS):
        make_conversation(person, SAID.format(n=n), ref=f"c{n}")
    endpoint = ensure_endpoint(name="main", base_url=model.url, model="fake-model")
    return plan_run(study=study, stage="extraction", endpoint=endpoint, by="test")


def wait_for_results(run: Run, count: int, site: Site) -> None:
    """Until so many jobs of the run are done."""
    is_so = wait_for(lambda: run.jobs.filter(state="done").count() >= count, SECONDS)
    assert is_so, (list(run.jobs.values_list("state", "last_error").distinct()), site.logs())


def kill(site: Site, part: str) -> None:
    """Kill -9, and return when the supervisor has started another in its place."""
    before = site.pids_of(part)
    os.kill(min(before), signal.SIGKILL)
    assert wait_for(lambda: bool(site.pids_of(part) - before)), site.logs()


def assert_each_once(run: Run) -> None:
    """One result per job, and what was extracted stands there once."""
    study = Study.objects.get(slug="many")
    assert list(run.jobs.values_list("state", flat=True)) == [Job.State.DONE] * JOBS
    assert JobResult.objects.filter(job__run=run).count() == JOBS
    found = Attribute.objects.filter(study=study)
    assert found.count() == found.distinct().values("text").count() == JOBS * PER_CONVERSATION
    spans = Evidence.objects.filter(attribute__study=study)
    places = spans.values("conversation", "turn", "start", "end").distinct()
    assert spans.count() == places.count() == JOBS * PER_CONVERSATION


def assert_on_record(run: Run, model: Model) -> None:
    """Whatever was billed is in the ledger, and what was billed beyond need is known as wasted."""
    calls = Call.objects.filter(job_id__in=run.jobs.values("pk"))
    assert run.jobs.filter(attempt__gt=1).exists(), "nothing was under way when it was killed"
    assert not calls.open().exists()
    assert JOBS <= model.billed <= calls.count()
    assert model.billed - JOBS <= calls.wasted().count()
