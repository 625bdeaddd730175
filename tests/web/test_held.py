"""What machine work waits for, told where somebody looks for what needs them."""

import pytest
from django.test import Client
from django.utils import timezone

from llm.models import Endpoint, EndpointHealth
from studies.models import Study, User
from tests.samples import make_study
from tests.web.machines import make_job, make_run
from tests.web.pages import text_of
from web.held import held_jobs, left_alone
from work.models import Job

ADDRESS = "/studies/alps/"
NOTHING = "No job failed"


def broken(name: str = "large", **fields: object) -> Endpoint:
    """An endpoint that is left alone."""
    endpoint = Endpoint.objects.create(name=name, base_url="http://127.0.0.1:9/v1", model="m-1")
    EndpointHealth.objects.create(endpoint=endpoint, circuit="open", reason="auth", **fields)
    return endpoint


def test_study_page_names_held_runs_and_whom_to_ask(researcher: Client, study: Study) -> None:
    User.objects.create_user("root", is_staff=True)
    run = make_run(study, title="extraction by m")
    make_job(study, run.kind, run, state="held", last_error="held: the study may ask no more.")

    page = text_of(researcher.get(ADDRESS))

    assert f'<a href="{ADDRESS}runs/{run.pk}/">1 job is held</a>' in page
    assert "the study may ask no more.</p>" in page
    assert "ask root." in page
    assert NOTHING not in page


@pytest.mark.parametrize("state", ["planned", "paused", "cancelled"])
def test_jobs_of_stopped_runs_need_nobody(researcher: Client, study: Study, state: str) -> None:
    make_run(study, "held", state=state)

    assert NOTHING in text_of(researcher.get(ADDRESS))


def test_held_jobs_are_counted_by_run_and_reason(study: Study) -> None:
    run = make_run(study, title="r")
    for reason in ("held: a", "held: a", "held: b"):
        make_job(study, run.kind, run, state="held", last_error=reason)
    make_job(make_study("hidden", {}), "extraction", state="held", last_error="held: a")

    found = [(one.run_id, one.error, one.jobs) for one in held_jobs([study.scope])]

    assert found == [(run.pk, "held: a", 2), (run.pk, "held: b", 1)]
    assert len(held_jobs()) == 3


def test_study_page_names_endpoints_that_jobs_wait_for(researcher: Client, study: Study) -> None:
    make_job(study, "extraction", lane=broken().lane)

    page = text_of(researcher.get(ADDRESS))

    assert "The endpoint large is left alone" in page
    assert "Nothing is asked of it until an operator closes its circuit." in page
    assert "Only those who run this site can change that." in page


def test_study_page_says_when_an_endpoint_is_asked_again(researcher: Client, study: Study) -> None:
    make_job(study, "extraction", lane=broken(open_until=timezone.now()).lane)

    page = text_of(researcher.get(ADDRESS))

    assert "It is asked again by itself" in page
    assert "Only those who run this site" not in page


def test_endpoints_that_a_study_names_are_its_own(study: Study) -> None:
    broken("named")
    broken("foreign")
    Job.objects.all().delete()
    study.document["endpoints"] = [{"name": "named", "model": "m-1"}]

    assert [one.name for one in left_alone(study)] == ["named"]
