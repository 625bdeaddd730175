"""Jobs that were given up: listed by reason, and given another chance."""

import pytest
from django.test import Client

from studies.actions.members import add_member
from studies.models import Study, User
from tests.samples import make_study
from tests.web.machines import make_job, make_run
from tests.web.pages import text_of
from work.models import Job, Revival, Run

REVIVE = "/studies/alps/runs/revive/"


@pytest.fixture
def run(study: Study) -> Run:
    """With two jobs given up for one reason and one for another."""
    run = make_run(study, "done")
    for reason in ("The endpoint\nsaid 401.", "The endpoint\nsaid 401.", "Too long."):
        about = {"conversation": "c0ffee", "attributes": ["a1"]}
        make_job(study, run.kind, run, state="dead", last_error=reason, payload=about)
    return run


def address_of(run: Run, act: str = "") -> str:
    return f"/studies/alps/runs/{run.pk}/{act}"


def states(run: Run) -> list[tuple[str, str]]:
    rows = run.jobs.exclude(state="done").order_by("last_error", "state")
    return [(job.last_error.replace("\n", " "), job.state) for job in rows]


def test_page_groups_what_failed_by_reason(researcher: Client, run: Run) -> None:
    page = text_of(researcher.get(address_of(run)))

    assert ">2 jobs</a>" in page
    assert ">1 job</a>" in page
    assert "failed/?reason=The%20endpoint%0Asaid%20401." in page


def test_list_shows_ids_and_no_more_than_the_reason_asked_for(researcher: Client, run: Run) -> None:
    page = text_of(researcher.get(address_of(run, "failed/"), {"reason": "Too long."}))

    assert page.count("c0ffee") == 2  # the id and its title
    assert "said 401" not in page


def test_ids_are_told_apart_by_their_ends(researcher: Client, run: Run) -> None:
    page = text_of(researcher.get(address_of(run, "failed/")))

    for job in run.jobs.filter(state="dead"):
        assert f'<code title="{job.pk}">…{str(job.pk)[-8:]}</code>' in page


def test_all_that_failed_is_tried_again(researcher: Client, run: Run) -> None:
    said = {"reason": "new key"}

    page = text_of(researcher.post(address_of(run, "retry/"), said, follow=True))

    assert "3 jobs have another chance." in page
    assert {state for _error, state in states(run)} == {"ready"}
    kept = Revival.objects.values_list("by", "reason")
    assert list(kept) == [("manager", "new key")] * 3


def test_what_failed_for_one_reason_is_tried_again(researcher: Client, run: Run) -> None:
    said = {"error": "The endpoint\r\nsaid 401.", "reason": "new key"}

    researcher.post(address_of(run, "retry/"), said)

    assert states(run) == [
        ("The endpoint said 401.", "ready"),
        ("The endpoint said 401.", "ready"),
        ("Too long.", "dead"),
    ]


def test_one_job_is_tried_again(researcher: Client, run: Run) -> None:
    job = run.jobs.get(last_error="Too long.")

    for _ in range(2):  # the second click finds nothing dead
        researcher.post(address_of(run, "retry/"), {"job": str(job.pk), "reason": "shorter"})

    job.refresh_from_db()
    assert (job.state, Revival.objects.count()) == ("ready", 1)


def test_jobs_of_a_paused_run_are_held(researcher: Client, run: Run) -> None:
    Run.objects.update(state="paused")

    researcher.post(address_of(run, "retry/"), {"reason": "new key"})

    assert {state for _error, state in states(run)} == {"held"}


@pytest.mark.parametrize("said", [{"reason": " "}, {}, {"reason": "x", "job": "none"}])
def test_trying_again_needs_a_reason_and_a_job(
    researcher: Client, run: Run, said: dict[str, str]
) -> None:
    page = text_of(researcher.post(address_of(run, "retry/"), said, follow=True))

    assert "note bad" in page
    assert {state for _error, state in states(run)} == {"dead"}


def test_a_run_without_failures_says_so(researcher: Client, study: Study) -> None:
    page = text_of(researcher.get(address_of(make_run(study, "done"), "failed/")))

    assert "No job of this run is given up." in page


def test_dead_jobs_of_one_reason_are_revived_whatever_their_run(
    researcher: Client, study: Study, run: Run
) -> None:
    loose = make_job(study, "extraction", state="dead", last_error="Too long.")
    said = {"kind": "extraction", "error": "Too long.", "reason": "shorter"}

    page = text_of(researcher.post(REVIVE, said, follow=True))

    loose.refresh_from_db()
    assert "2 jobs have another chance." in page
    assert loose.state == "ready"
    assert ("The endpoint said 401.", "dead") in states(run)


def test_reviving_needs_a_reason(researcher: Client, study: Study) -> None:
    make_job(study, "extraction", state="dead", last_error="no")
    said = {"kind": "extraction", "error": "no", "reason": " "}

    page = text_of(researcher.post(REVIVE, said, follow=True))

    assert "note bad" in page
    assert Job.objects.get().state == "dead"


def test_viewers_revive_nothing(client: Client, study: Study) -> None:
    make_job(study, "extraction", state="dead", last_error="no")
    viewer = User.objects.create_user("viewer")
    add_member(study=study, user=viewer, role="viewer", by=None)
    client.force_login(viewer)
    said = {"kind": "extraction", "error": "no", "reason": "mine"}

    assert client.post(REVIVE, said).status_code == 403
    assert Job.objects.get().state == "dead"


def test_jobs_of_other_studies_are_not_revived(researcher: Client) -> None:
    make_job(make_study("hidden", {}), "extraction", state="dead", last_error="no")

    researcher.post(REVIVE, {"kind": "extraction", "error": "no", "reason": "mine"})

    assert Job.objects.get().state == "dead"
