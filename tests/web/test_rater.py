"""A rater's page without scripts: drafts, breaks, guidelines, and answers changed afterwards."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.tasks import open_all_tasks
from annotation.models import Assignment, Draft, Judgment
from studies.models import Participant, Study
from tests.samples import close_studies, make_participant
from tests.web.conftest import entered_as, fill
from tests.web.pages import filled, judge_once, text_of

RELEVANCE = "/judge/alps/relevance/"
RESPONSE = "/judge/alps/response/"


def keep(
    client: Client,
    fields: dict[str, Any] | None = None,
    *,
    address: str = RELEVANCE,
    version: int = 0,
) -> Any:
    """Have the page's script keep a draft of the place that is held."""
    place = Assignment.objects.get(state="leased")
    body = {"assignment": str(place.pk), "fence": place.fence, "version": version}
    return client.post(f"{address}draft/", {**body, **(fields or {})})


def stored() -> list[tuple[Any, int]]:
    """Answers and revisions of what is stored, in their order."""
    rows = Judgment.objects.order_by("revision")
    return [(row.answers, row.revision) for row in rows]


def address_of_done() -> str:
    """Where the only finished task is changed."""
    place = Assignment.objects.get(state="done")
    return f"/judge/alps/{place.stage}/{place.pk}/"


def with_section(study: Study, stage: str, **more: Any) -> None:
    """Let the study document say more about a stage."""
    document = study.document
    document["stages"][stage] = {**document["stages"][stage], **more}
    Study.objects.update(document=document)


def test_draft_comes_back_with_the_page(rater: Client) -> None:
    rater.get(RELEVANCE)

    answer = keep(rater, {"item1-comment": 'So "they" say'})

    assert (answer.status_code, answer.json()) == (200, {"version": 1})
    assert "So \\&quot;they\\&quot; say" in text_of(rater.get(RELEVANCE))


def test_stale_draft_is_told_what_is_newer(rater: Client) -> None:
    rater.get(RELEVANCE)
    keep(rater, {"item1-comment": "newer"})

    answer = keep(rater, {"item1-comment": "stale"})

    assert answer.status_code == 409
    assert answer.json() == {"version": 1, "fields": {"item1-comment": "newer"}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": "-1"}, 422),
        ({"fence": "x"}, 422),
        ({"fence": "99"}, 410),
        ({"item1-comment": "c" * 200_001}, 422),
        ({"item1-comment": "\x00"}, 422),
    ],
)
def test_draft_that_fits_no_place_is_refused(
    rater: Client, body: dict[str, str], status: int
) -> None:
    rater.get(RELEVANCE)

    answer = keep(rater, body)

    assert (answer.status_code, Draft.objects.count()) == (status, 0)


def test_drafts_of_others_are_out_of_reach(rater: Client, study: Study) -> None:
    rater.get(RELEVANCE)
    other = entered_as(Client(), make_participant(study, "other"))

    assert keep(other).status_code == 410
    assert keep(Client()).status_code == 404


@pytest.mark.parametrize("action", ["submit", "skip"])
def test_draft_goes_with_the_place(rater: Client, action: str) -> None:
    page = text_of(rater.get(RELEVANCE))
    keep(rater, {"item1-comment": "soon gone"})

    rater.post(RELEVANCE, filled(page, action=action, **{"skip-reason": "broken"}))

    assert Draft.objects.count() == 0


def test_fixed_choice_outlives_the_session(rater: Client, peer: Participant) -> None:
    rater.post(RESPONSE, filled(text_of(rater.get(RESPONSE))))

    again = text_of(entered_as(Client(), peer).get(RESPONSE))

    assert "Your choice:" in again
    assert "item1-preference" not in again


def test_comment_of_the_first_step_is_kept(rater: Client) -> None:
    first = filled(text_of(rater.get(RESPONSE)), **{"item1-comment": "Both are short"})
    rater.post(RESPONSE, first)
    second = text_of(rater.get(RESPONSE))

    rater.post(RESPONSE, filled(second, **{"item1-comment": "Both are short"}))

    assert ">\nBoth are short</textarea>" in second
    assert Judgment.objects.get().comment == "Both are short"


def test_late_answer_to_a_lapsed_place_is_taken(rater: Client) -> None:
    data = filled(text_of(rater.get(RELEVANCE)))
    Assignment.objects.filter(state="leased").update(state="lapsed", lease_until=None)

    response = rater.post(RELEVANCE, data)

    assert (response.status_code, Judgment.objects.count()) == (303, 1)
    assert Judgment.objects.get().is_surplus


def test_break_comes_after_a_session_and_ends_with_a_click(rater: Client, study: Study) -> None:
    with_section(study, "extraction", session=1)
    Assignment.objects.filter(stage="extraction").update(subject=None)
    judge_once(rater, "extraction")
    add_task(study)

    at_break = text_of(rater.get("/judge/alps/extraction/"))
    went_on = rater.post("/judge/alps/extraction/", {"action": "go on"}, follow=True)

    assert "That was your session of 1 task." in at_break
    assert Assignment.objects.filter(state="leased").count() == 1
    assert 'name="assignment"' in text_of(went_on)


def test_break_comes_whatever_browser_the_answers_came_from(
    rater: Client, peer: Participant, study: Study
) -> None:
    with_section(study, "extraction", session=1)
    Assignment.objects.filter(stage="extraction").update(subject=None)
    judge_once(rater, "extraction")
    add_task(study)

    other = entered_as(Client(), peer)

    assert "That was your session of 1 task." in text_of(other.get("/judge/alps/extraction/"))


def add_task(study: Study) -> None:
    """One more conversation to judge."""
    fill(study, make_participant(study, "second owner"), number=2)
    open_all_tasks(study=study)


def test_no_break_where_nothing_waits(rater: Client, study: Study) -> None:
    with_section(study, "relevance", session=1)
    judge_once(rater, "relevance")

    assert "That was the last one" in text_of(rater.get(RELEVANCE))


def test_guidelines_are_shown_safely(rater: Client, study: Study) -> None:
    with_section(study, "relevance", guidelines={"en": "**Mind** this <script>x</script>"})

    page = text_of(rater.get(RELEVANCE))

    assert "<strong>Mind</strong> this" in page
    assert "<script>x" not in page


def test_answers_are_listed_and_changed_once(rater: Client) -> None:
    judge_once(rater, "relevance")
    listed = text_of(rater.get("/judge/alps/"))
    address = address_of_done()
    changed = filled(text_of(rater.get(address)), **{"item1-relevance": "avoid"})

    statuses = [rater.post(address, changed).status_code for _ in range(2)]

    assert address in listed
    assert statuses == [303, 303]
    assert stored() == [({"relevance": "must"}, 1), ({"relevance": "avoid"}, 2)]


def test_change_from_an_older_page_is_refused_and_kept(rater: Client) -> None:
    judge_once(rater, "relevance")
    address = address_of_done()
    page = text_of(rater.get(address))
    rater.post(address, filled(page, **{"item1-relevance": "avoid"}))

    response = rater.post(address, filled(page, **{"item1-relevance": "optional"}))

    assert (response.status_code, len(stored())) == (409, 2)
    assert "You changed these answers on another page since." in text_of(response)


@pytest.mark.parametrize("swapped", [False, True])
def test_changing_keeps_the_first_choice_and_the_sides(rater: Client, swapped: bool) -> None:
    page = text_of(rater.get(RESPONSE))
    Assignment.objects.filter(stage="response", state="leased").update(is_swapped=swapped)
    rater.post(RESPONSE, filled(page, **{"item1-preference": "first_much"}))
    rater.post(RESPONSE, filled(text_of(rater.get(RESPONSE))))
    address = address_of_done()

    opened = text_of(rater.get(address))
    rater.post(address, filled(opened, **{"item1-preference": "second_much"}))
    rater.post(address, filled(opened, **{"item1-comment": "On second thought"}))

    assert "A is much better" in opened
    wanted = "second_much" if swapped else "first_much"
    assert [(row[0] or {})["preference"] for row in stored()] == [wanted, wanted]


def test_gold_of_which_the_right_answers_were_told_is_final(rater: Client, study: Study) -> None:
    judge_once(rater, "relevance")
    address = address_of_done()
    data = filled(text_of(rater.get(address)), **{"item1-relevance": "avoid"})
    with_section(study, "relevance", gold={"practice": 1, "items": []})
    Assignment.objects.filter(state="done").update(purpose="gold")

    assert rater.get(address).status_code == 404
    assert (rater.post(address, data).status_code, len(stored())) == (409, 1)
    assert address not in text_of(rater.get("/judge/alps/"))


def test_finished_task_of_somebody_else_is_404(rater: Client, study: Study) -> None:
    judge_once(rater, "relevance")
    other = entered_as(Client(), make_participant(study, "other"))

    assert other.get(address_of_done()).status_code == 404
    assert other.post(address_of_done(), {"known": "1"}).status_code == 409


def test_closed_study_lets_nothing_be_changed(rater: Client) -> None:
    judge_once(rater, "relevance")
    address = address_of_done()
    data = filled(text_of(rater.get(address)), **{"item1-relevance": "avoid"})
    close_studies()

    assert rater.get(address).status_code == 404
    assert (rater.post(address, data).status_code, len(stored())) == (409, 1)
    assert address not in text_of(rater.get("/judge/alps/"))


def test_list_takes_as_many_queries_for_many(
    rater: Client, study: Study, django_assert_num_queries: Any
) -> None:
    judge_once(rater, "relevance")
    with CaptureQueriesContext(connection) as of_one:
        rater.get("/judge/alps/")
    queries = len(of_one)
    judge_once(rater, "extraction")

    with django_assert_num_queries(queries):
        rater.get("/judge/alps/")


@pytest.mark.parametrize(
    "broken", [{"fence": "99"}, {"assignment": "8b0f2b4e-3c55-4f0e-9d60-0d5d1c7f2f10"}]
)
def test_refused_words_stay_on_the_page(rater: Client, broken: dict[str, str]) -> None:
    words = {"item1-comment": "Not <b>lost</b>"}
    data = filled(text_of(rater.get(RELEVANCE)), **words, **broken)

    response = rater.post(RELEVANCE, data)

    assert (response.status_code, Judgment.objects.count()) == (409, 0)
    assert "Not &lt;b&gt;lost&lt;/b&gt;" in text_of(response)


def test_signed_out_rater_gets_their_words_back(rater: Client) -> None:
    data = filled(text_of(rater.get(RELEVANCE)), **{"item1-comment": "Still here"})

    response = Client().post(RELEVANCE, data)

    assert (response.status_code, Judgment.objects.count()) == (404, 0)
    assert "Still here" in text_of(response)
    assert rater.post(RELEVANCE, data).status_code == 303


def test_pages_of_a_task_are_never_cached(rater: Client) -> None:
    judge_once(rater, "relevance")

    for address in (RELEVANCE, "/judge/alps/", address_of_done(), "/judge/"):
        assert "no-store" in rater.get(address)["Cache-Control"]
