"""The researcher's pages: who may see them, what they show, what they start."""

import hashlib
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.actions.tallies import count
from annotation.models import Judgment
from llm.models import Budget
from releases.models import Release
from studies.actions.members import add_member
from studies.models import Payment, Study, User
from tests.samples import make_participant, make_study
from tests.web.conftest import entered_as
from tests.web.machines import make_job
from tests.web.pages import judge_once, text_of
from work.models import JobResult, Run

PAGES = ["/studies/alps/", "/studies/alps/runs/", "/studies/alps/agreement/extraction/"]
ACTS = ["release", "close", "open"]


@pytest.mark.parametrize("address", ["/studies/", "/studies/new/", *PAGES])
def test_strangers_are_asked_to_sign_in(client: Client, study: Study, address: str) -> None:
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )


@pytest.mark.parametrize("address", PAGES)
def test_study_does_not_exist_for_others(client: Client, study: Study, address: str) -> None:
    client.force_login(User.objects.create_user("other"))

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_others_start_nothing(client: Client, study: Study, act: str) -> None:
    client.force_login(User.objects.create_user("other"))

    assert client.post(f"/studies/alps/{act}/", {"stage": "extraction"}).status_code == 404
    assert (Run.objects.count(), Release.objects.count()) == (0, 0)


@pytest.mark.parametrize("act", ACTS)
def test_viewers_start_nothing(client: Client, study: Study, act: str) -> None:
    viewer = User.objects.create_user("viewer")
    add_member(study=study, user=viewer, role="viewer", by=None)
    client.force_login(viewer)

    main = text_of(client.get("/studies/alps/")).partition("<footer")[0]
    assert "<button" not in main
    assert client.post(f"/studies/alps/{act}/", {"stage": "extraction"}).status_code == 403
    assert (Run.objects.count(), Release.objects.count()) == (0, 0)


@pytest.mark.parametrize("act", ACTS)
def test_acts_are_not_done_by_reading(researcher: Client, act: str) -> None:
    assert researcher.get(f"/studies/alps/{act}/").status_code == 302
    assert (Run.objects.count(), Release.objects.count()) == (0, 0)


def test_acts_need_the_csrf_token(manager: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(manager)

    response = browser.post("/studies/alps/release/")

    assert response.status_code == 403
    assert "open for too long" in text_of(response)


def test_list_shows_own_studies_only(researcher: Client) -> None:
    make_study("elsewhere", {})

    page = text_of(researcher.get("/studies/"))

    assert "/studies/alps/" in page
    assert "elsewhere" not in page


def test_page_shows_progress(researcher: Client, rater: Client) -> None:
    judge_once(rater, "relevance")

    page = text_of(researcher.get("/studies/alps/"))

    assert '<progress value="1" max="3"' in page
    assert page.count('<progress value="0" max="3"') == 2


def test_page_shows_what_failed_and_why(researcher: Client, study: Study) -> None:
    job = make_job(study, "extraction", state="dead", last_error="The endpoint said 401.")
    done = make_job(study, "extraction", state="done")
    JobResult.objects.create(
        job=done, attempt=1, outcome="ok", value={"refused": {"quote_not_found": 3}}
    )

    page = text_of(researcher.get("/studies/alps/"))

    assert "1 job given up" in page
    assert job.last_error in page
    assert "3 attributes refused" in page
    assert "quote not found" in page


def test_page_counts_unreadable_answers_by_judge(
    researcher: Client, rater: Client, study: Study
) -> None:
    judge_once(rater, "relevance")
    judged = Judgment.objects.get()
    judged.pk, judged.ref, judged.revision = None, "unread", 2
    judged.answers, judged.is_usable, judged.raw = None, False, "Hm?"
    judged._state.adding = True
    judged.save()

    page = text_of(researcher.get("/studies/alps/"))

    assert "1 answer could not be read" in page


def test_release_is_planned_once(researcher: Client) -> None:
    for _ in range(2):
        researcher.post("/studies/alps/release/")

    assert list(Release.objects.values_list("version", "state")) == [(1, "planned")]
    assert "being built" in text_of(researcher.get("/studies/alps/"))


def test_release_is_asked_for_again_only_while_it_is_built(
    researcher: Client, study: Study
) -> None:
    researcher.post("/studies/alps/release/")
    address = "/studies/alps/releases/1/"

    building = text_of(researcher.get(address))
    Release.objects.update(state="published", published_at=timezone.now())
    built = text_of(researcher.get(address))

    assert f'hx-get="{address}" hx-trigger="every 2s"' in building
    assert "being built" in building
    assert "hx-" not in built
    assert "<html" not in built


def make_release(study: Study, version: int = 1, content: bytes = b"PAR1") -> Release:
    """A published release with one file."""
    digest = hashlib.sha256(content).hexdigest()
    path = "data/judgments/train.parquet"
    release = Release.objects.create(
        study=study,
        version=version,
        state="published",
        published_at=timezone.now(),
        manifest={"files": [{"path": path, "bytes": len(content), "sha256": digest, "rows": 1}]},
    )
    (release.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (release.folder / path).write_bytes(content)
    return release


FILE = "/studies/alps/releases/1/data/judgments/train.parquet"


def test_member_downloads_a_file(researcher: Client, study: Study) -> None:
    make_release(study)

    response = researcher.get(FILE)

    assert f'href="{FILE}"' in text_of(researcher.get("/studies/alps/"))
    assert b"".join(response.streaming_content) == b"PAR1"  # type: ignore[attr-defined]
    assert response["ETag"] == f'"{hashlib.sha256(b"PAR1").hexdigest()}"'
    assert "alps-v1-data-judgments-train.parquet" in response["Content-Disposition"]


def test_unchanged_file_is_not_sent_again(researcher: Client, study: Study) -> None:
    make_release(study)
    first = researcher.get(FILE)
    b"".join(first.streaming_content)  # type: ignore[attr-defined]

    response = researcher.get(FILE, headers={"If-None-Match": first["ETag"]})

    assert (response.status_code, response.content) == (304, b"")


def test_file_does_not_exist_for_others(client: Client, study: Study) -> None:
    make_release(study)
    client.force_login(User.objects.create_user("other"))

    assert client.get(FILE).status_code == 404


@pytest.mark.parametrize("name", ["../../secret_key", "%2e%2e/%2e%2e/secret_key", "nothing"])
def test_file_outside_the_manifest_is_404(researcher: Client, study: Study, name: str) -> None:
    make_release(study)

    assert researcher.get(f"/studies/alps/releases/1/{name}").status_code == 404


def test_agreement_page_and_its_part(researcher: Client, rater: Client) -> None:
    judge_once(rater, "relevance")

    page = text_of(researcher.get("/studies/alps/agreement/relevance/"))
    part = researcher.get("/studies/alps/agreement/relevance/", headers={"HX-Request": "true"})

    assert "Should it matter for the answer to this request?" in page
    assert "What is undefined, and why" in page
    assert "<html" not in text_of(part)


def test_agreement_says_how_many_items_both_judged(
    researcher: Client, rater: Client, study: Study
) -> None:
    judge_once(rater, "relevance")
    other = entered_as(Client(), make_participant(study, "other"))
    judge_once(other, "relevance")

    for headers in ({}, {"HX-Request": "true"}):
        page = text_of(researcher.get("/studies/alps/agreement/relevance/", headers=headers))

        assert '<span class="quiet small shared">n 1</span>' in page
        assert 'title="every answer is the same' in page


def test_agreement_of_a_stage_the_study_lacks_is_404(researcher: Client) -> None:
    assert researcher.get("/studies/alps/agreement/nothing/").status_code == 404


def queries_of(client: Client, address: str) -> int:
    """How many queries a page costs."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def grow(study: Study, number: int) -> None:
    """One more run with a job, dead job and release."""
    run = Run.objects.create(scope=study.scope, kind="extraction", title=f"run {number}")
    make_job(study, "extraction", run)
    make_job(study, "extraction", run, state="dead", last_error=f"reason {number}")
    make_release(study, number)


def test_study_page_costs_the_same_for_1_and_3_rows(researcher: Client, study: Study) -> None:
    grow(study, 1)
    queries_of(researcher, "/studies/alps/")  # the first visit also notes the session
    one = queries_of(researcher, "/studies/alps/")
    grow(study, 2)
    grow(study, 3)

    assert queries_of(researcher, "/studies/alps/") == one


def test_list_costs_the_same_for_1_and_3_studies(researcher: Client, manager: User) -> None:
    queries_of(researcher, "/studies/")  # the first visit also notes the session
    one = queries_of(researcher, "/studies/")
    for slug in ("two", "three"):
        add_member(study=make_study(slug, {}), user=manager, role="viewer", by=None)

    assert queries_of(researcher, "/studies/") == one


def test_study_page_says_what_was_spent_and_that_the_budget_nears_its_end(
    researcher: Client, study: Study
) -> None:
    Budget.objects.create(scope=study.scope, max_cost=10, spent=Decimal("8.5"))
    Payment.objects.create(study=study, kind="bonus", amount=Decimal("12.50"), currency="EUR")

    page = text_of(researcher.get("/studies/alps/"))

    assert "85 % of the budget is used" in page
    assert "8.50 of 10.00" in page
    assert "<strong>12.50 EUR</strong>" in page


def test_page_of_a_large_study_says_how_old_its_counts_are(
    researcher: Client, study: Study
) -> None:
    count(study)

    page = text_of(researcher.get("/studies/alps/"))
    part = text_of(researcher.get("/studies/alps/progress/"))

    assert "it was counted " in page
    assert 'hx-get="/studies/alps/progress/"' in part


def test_page_tells_of_tasks_in_a_language_that_no_rater_reads(
    researcher: Client, study: Study
) -> None:
    study.participants.update(language="fr")

    page = text_of(researcher.get("/studies/alps/"))

    assert "in the language fr wait" in page
    assert "No rater can choose it" in page
    assert "No job failed" not in page


def test_manager_closes_the_study_and_opens_it_again(client: Client, study: Study) -> None:
    client.force_login(User.objects.create_superuser("root"))

    closed = text_of(client.post("/studies/alps/close/", follow=True))
    study.refresh_from_db()
    was_closed_at = study.closed_at
    opened = text_of(client.post("/studies/alps/open/", follow=True))
    study.refresh_from_db()

    assert was_closed_at
    assert "Open it again" in closed
    assert (study.is_open, study.closed_at) == (True, None)
    assert "Close the study" in opened
