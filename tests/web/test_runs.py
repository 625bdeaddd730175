"""The pages about runs: planning and pricing, starting and stopping, watching."""

from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Judgment
from studies.actions.members import add_member
from studies.models import Study, User
from tests.samples import make_study
from tests.web.machines import make_job, make_run
from tests.web.pages import text_of
from work.models import Job, Lane, Run

ADDRESS = "/studies/alps/runs/"
EXTRACTION = {"stage": "extraction", "endpoint": "baseline"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def viewer(study: Study) -> Client:
    """The browser of somebody who may only look."""
    user = User.objects.create_user("viewer")
    add_member(study=study, user=user, role="viewer", by=None)
    browser = Client()
    browser.force_login(user)
    return browser


def address_of(run: Run, act: str = "") -> str:
    return f"{ADDRESS}{run.pk}/{act}"


# -- Planning ------------------------------------------------------------------


def test_what_is_planned_is_priced_and_not_started(researcher: Client, study: Study) -> None:
    page = text_of(researcher.post(ADDRESS, EXTRACTION, follow=True))

    run = Run.objects.get()
    assert (run.kind, run.state, run.created_by) == ("extraction", "planned", "manager")
    assert list(Job.objects.filter(kind="extraction").values_list("state", flat=True)) == ["held"]
    assert "Planned, not started" in page
    assert "Worked out from 1 of 1 jobs" in page
    assert 'action="' + address_of(run, "start/") in page


def test_judging_is_planned(researcher: Client, study: Study) -> None:
    page = text_of(researcher.post(ADDRESS, {"stage": "response", "judge": "plain"}, follow=True))

    assert Run.objects.get().plan["judge"]["name"] == "plain"
    assert Job.objects.filter(kind="judge", state="held").count() == 2
    assert "Worked out from 2 of 2 jobs" in page


def test_only_chosen_strategies_are_planned(researcher: Client, study: Study) -> None:
    said = {"stage": "response", "endpoint": "baseline", "strategies": ["generic"]}

    researcher.post(ADDRESS, said)

    assert Run.objects.get().plan["strategies"] == ["generic"]


def test_planning_the_same_twice_leaves_one_plan(researcher: Client, study: Study) -> None:
    for _ in range(2):
        researcher.post(ADDRESS, EXTRACTION)

    assert Run.objects.count() == 1
    assert Job.objects.filter(kind="extraction").get().run == Run.objects.get()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ("done", "All of this was asked before"),
        ("held", "All of this is in this run already, which is not over yet."),
    ],
)
def test_what_was_asked_before_leads_to_its_run(
    researcher: Client, study: Study, job: str, said: str
) -> None:
    researcher.post(ADDRESS, EXTRACTION)
    run = Run.objects.get()
    researcher.post(address_of(run, "start/"))
    run.jobs.update(state=job)

    response = researcher.post(ADDRESS, EXTRACTION, follow=True)

    assert response.redirect_chain[-1][0] == address_of(run)
    assert said in text_of(response)


@pytest.mark.parametrize(
    "said",
    [
        {"stage": "response", "judge": "nobody"},
        {"stage": "nothing", "judge": "plain"},
        {"stage": "nothing", "endpoint": "baseline"},
        {"stage": "extraction", "endpoint": "a\x00b"},
        {"stage": "extraction", "endpoint": "baseline", "strategies": ["generic"]},
        {"stage": "response", "endpoint": "baseline", "strategies": ["nope"]},
        {},
    ],
)
def test_what_cannot_be_planned_is_said(
    researcher: Client, study: Study, said: dict[str, str]
) -> None:
    response = researcher.post(ADDRESS, said, follow=True)

    assert (response.status_code, Run.objects.count()) == (200, 0)
    assert "note bad" in text_of(response)


# -- Starting and stopping -----------------------------------------------------


@pytest.mark.parametrize(
    ("before", "jobs", "act", "after", "then"),
    [
        ("planned", "held", "start", "running", "ready"),
        ("running", "ready", "pause", "paused", "held"),
        ("paused", "held", "resume", "running", "ready"),
        ("running", "ready", "cancel", "cancelled", "cancelled"),
        ("planned", "held", "cancel", "cancelled", "cancelled"),
    ],
)
def test_run_is_started_and_stopped(
    researcher: Client, study: Study, before: str, jobs: str, act: str, after: str, then: str
) -> None:
    run = make_run(study, jobs, state=before)

    places = [researcher.post(address_of(run, f"{act}/"))["Location"] for _ in range(2)]

    assert places == [address_of(run)] * 2  # the second click changes nothing
    run.refresh_from_db()
    assert (run.state, run.jobs.get().state) == (after, then)


def test_who_let_a_run_go_and_stopped_it_is_kept_once(researcher: Client, study: Study) -> None:
    run = make_run(study, "held", state="planned")

    for act in ("start", "start", "pause", "pause", "resume", "cancel"):
        researcher.post(address_of(run, f"{act}/"))

    kept = list(run.acts.values_list("state", "by"))
    assert kept == [(to, "manager") for to in ("running", "paused", "running", "cancelled")]
    assert text_of(researcher.get(address_of(run))).count(", manager</dd>") == 4


@pytest.mark.parametrize(("state", "act"), [("planned", "pause"), ("cancelled", "start")])
def test_what_cannot_be_done_to_a_run_is_said(
    researcher: Client, study: Study, state: str, act: str
) -> None:
    run = make_run(study, state=state)

    page = text_of(researcher.post(address_of(run, f"{act}/"), follow=True))

    run.refresh_from_db()
    assert "note bad" in page
    assert run.state == state


def test_cancelling_is_asked_about_first(researcher: Client, study: Study) -> None:
    run = make_run(study, "ready", "done")

    page = text_of(researcher.get(address_of(run, "cancel/")))

    assert "1 job that was not done will not be." in page
    run.refresh_from_db()
    assert run.state == "running"


@pytest.mark.parametrize("act", ["start", "pause", "resume", "cancel", "retry"])
def test_acts_are_for_managers_and_only_posted(
    researcher: Client, viewer: Client, study: Study, act: str
) -> None:
    run = make_run(study, "ready")

    assert viewer.post(address_of(run, f"{act}/"), {"reason": "mine"}).status_code == 403
    assert Client().post(address_of(run, f"{act}/")).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.jobs.get().state) == ("running", "ready")


@pytest.mark.parametrize("act", ["start", "pause", "resume", "retry"])
def test_address_of_an_act_leads_to_the_run(
    researcher: Client, viewer: Client, study: Study, act: str
) -> None:
    run = make_run(study, "ready")

    for browser in (researcher, viewer):
        assert browser.get(address_of(run, f"{act}/"))["Location"] == address_of(run)
    run.refresh_from_db()
    assert (run.state, run.jobs.get().state) == ("running", "ready")


def test_address_of_reviving_leads_to_the_runs(researcher: Client, study: Study) -> None:
    assert researcher.get(f"{ADDRESS}revive/")["Location"] == ADDRESS


def test_viewers_look_and_are_offered_nothing(viewer: Client, study: Study) -> None:
    run = make_run(study, "ready", "dead")

    for address in (ADDRESS, address_of(run), address_of(run, "failed/")):
        main = text_of(viewer.get(address)).partition("<footer")[0]
        assert "<button" not in main
    assert viewer.post(ADDRESS, EXTRACTION).status_code == 403
    assert Run.objects.count() == 1


def test_runs_of_other_studies_do_not_exist_here(researcher: Client, study: Study) -> None:
    run = make_run(make_study("hidden", {}), "ready")

    assert researcher.get(address_of(run)).status_code == 404
    assert researcher.post(address_of(run, "cancel/")).status_code == 404
    run.refresh_from_db()
    assert run.state == "running"


# -- Watching ------------------------------------------------------------------


def test_page_asks_again_only_while_something_happens(researcher: Client, study: Study) -> None:
    run = make_run(study, "ready")

    running = text_of(researcher.get(address_of(run), headers=HTMX))
    Job.objects.filter(run=run).update(state="done")
    over = text_of(researcher.get(address_of(run), headers=HTMX))

    assert f'hx-get="{address_of(run)}" hx-trigger="every 2s"' in running
    assert "<html" not in running
    assert "hx-trigger" not in over
    assert "Finished" in over


@pytest.mark.parametrize(
    ("state", "jobs", "seconds"),
    [
        ("planned", ["held"], 15),
        ("paused", ["held", "done"], 15),
        ("paused", ["held", "leased"], 2),
        ("running", ["held"], 15),
    ],
)
def test_page_of_a_run_that_waits_for_somebody_asks_seldom(
    researcher: Client, study: Study, state: str, jobs: list[str], seconds: int
) -> None:
    run = make_run(study, state=state)
    for one in jobs:
        until = timezone.now() if one == "leased" else None
        make_job(study, run.kind, run, state=one, lease_until=until)

    page = text_of(researcher.get(address_of(run), headers=HTMX))

    assert f'hx-trigger="every {seconds}s"' in page


@pytest.mark.parametrize("query", ["", "?latest"])
def test_lists_ask_again_only_while_something_runs(
    researcher: Client, study: Study, query: str
) -> None:
    run = make_run(study, "ready")

    running = text_of(researcher.get(f"{ADDRESS}{query}", headers=HTMX))
    Job.objects.filter(run=run).update(state="done")
    over = text_of(researcher.get(f"{ADDRESS}{query}", headers=HTMX))

    assert 'hx-trigger="every 2s"' in running
    assert "hx-trigger" not in over
    assert "1 / 1" in over


def test_page_tells_rate_and_time_left(researcher: Client, study: Study) -> None:
    run = make_run(study, "ready", "ready", "ready")
    make_job(study, run.kind, run, state="done", finished_at=timezone.now())

    page = text_of(researcher.get(address_of(run)))

    assert "1 of 4 done" in page
    assert "1 a minute" in page
    assert "about 3 min left" in page


def test_page_of_a_held_run_tells_why_and_whom_to_ask(researcher: Client, study: Study) -> None:
    User.objects.create_user("root", is_staff=True)
    run = make_run(study, "ready")
    make_job(study, run.kind, run, state="done", finished_at=timezone.now())
    make_job(study, run.kind, run, state="held", last_error="held: of the study is spent")

    page = text_of(researcher.get(address_of(run)))

    assert '1 job is held: <span dir="auto">of the study is spent</span>.' in page
    assert "Only those who run this site can change that: ask root." in page
    assert "Until then jobs that still wait may be held too." in page
    assert "Let go what is held" in page
    assert "a minute" not in page
    assert " left<" not in page


def test_operator_is_led_to_the_budgets(client: Client, study: Study) -> None:
    client.force_login(User.objects.create_superuser("root"))
    run = make_run(study)
    make_job(study, run.kind, run, state="held", last_error="held: spent")

    page = text_of(client.get(address_of(run)))

    assert 'You can change that: <a href="/operations/">' in page


def test_cancelled_run_does_not_look_done(researcher: Client, study: Study) -> None:
    run = make_run(study, "done", "cancelled", "cancelled", state="cancelled")

    assert "1 of 3 done" in text_of(researcher.get(address_of(run)))
    assert "1 / 3" in text_of(researcher.get(ADDRESS))


def test_page_tells_that_an_endpoint_is_left_alone(researcher: Client, study: Study) -> None:
    run = make_run(study)
    until = timezone.now() + timedelta(minutes=5)
    Lane.objects.create(name="endpoint:e", closed_until=until, reason="rate_limited")
    make_job(study, run.kind, run, lane="endpoint:e")

    assert "rate_limited" in text_of(researcher.get(address_of(run)))


def test_page_tells_the_plan_in_words(researcher: Client, study: Study) -> None:
    researcher.post(ADDRESS, {"stage": "response", "judge": "plain"})

    page = text_of(researcher.get(address_of(Run.objects.get())))

    assert "baseline/rules at the endpoint baseline" in page
    assert "arm plain, orders both, samples 1, temperature 0" in page
    assert "response-judge@" in page
    assert Judgment.objects.count() == 0


def grow(study: Study, rows: int) -> Run:
    """So many runs, the last with as many jobs that were given up for reasons of their own."""
    runs = [make_run(study, "ready", "done") for _ in range(rows)]
    for number in range(rows):
        make_job(study, "extraction", runs[-1], state="dead", last_error=f"reason {number % 3}")
    return runs[-1]


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", [ADDRESS, "run", "failed", "/studies/alps/"])
def test_pages_cost_the_same_for_1_and_30_rows(researcher: Client, study: Study, page: str) -> None:
    def cost(run: Run) -> int:
        acts = {"run": "", "failed": "failed/"}
        return queries_of(researcher, address_of(run, acts[page]) if page in acts else page)

    run = grow(study, 1)
    cost(run)  # the first visit also notes the session
    one = cost(run)

    assert cost(grow(study, 30)) == one


def test_list_is_paged(researcher: Client, study: Study) -> None:
    for number in range(31):
        make_run(study, title=f"run {number}")
    Run.objects.filter(title="run 0").update(created_at=timezone.now() - timedelta(hours=1))

    assert "Page 1 of 2" in text_of(researcher.get(ADDRESS))
    assert "run 0<" in text_of(researcher.get(f"{ADDRESS}?page=2"))


@pytest.mark.parametrize("page", [ADDRESS, "/operations/", "/studies/alps/"])
def test_part_of_who_is_signed_out_says_so_and_asks_no_more(client: Client, page: str) -> None:
    part = client.get(page, headers={**HTMX, "HX-Current-URL": f"http://testserver{page}"})

    assert (part.status_code, part["HX-Reswap"]) == (286, "afterbegin")
    assert "no-store" in part["Cache-Control"]
    assert f'href="/accounts/login/?next={quote(page, safe="")}"' in text_of(part)
    assert "<html" not in text_of(part)


def test_unknown_run_is_404(researcher: Client, study: Study) -> None:
    assert researcher.get(f"{ADDRESS}{uuid4()}/").status_code == 404
