"""The judging pages: showing a task, storing it once, and every way it can go wrong."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from annotation.models import Assignment, Judgment, Skip
from studies.models import Participant, Study
from tests.samples import close_studies, make_participant
from tests.web.conftest import entered_as
from tests.web.pages import assert_nowhere, filled, judge_once, text_of

STAGES = ["extraction", "relevance", "response"]

RESPONSE = "/judge/alps/response/"


@pytest.mark.parametrize("stage", STAGES)
def test_task_is_unknown_to_who_takes_no_part(client: Client, study: Study, stage: str) -> None:
    assert client.get(f"/judge/{study.slug}/{stage}/").status_code == 404


def test_page_for_nobody_leads_back_to_the_study(client: Client, study: Study) -> None:
    for slug in ("alps", "nowhere"):  # It tells nothing about which studies there are.
        answer = client.get(f"/judge/{slug}/relevance/")
        assert answer.status_code == 404
        assert f'href="/s/{slug}/"' in answer.content.decode()
        assert "is kept on this device" in answer.content.decode()


def test_task_of_unknown_stage_is_404(rater: Client) -> None:
    assert rater.get("/judge/alps/nothing/").status_code == 404


def test_owner_is_not_given_their_own_as_peer(client: Client, study: Study) -> None:
    owner = Participant.objects.get(ref="owner")

    response = entered_as(client, owner).get("/judge/alps/extraction/")

    assert "Nothing to judge here" in text_of(response)


@pytest.mark.parametrize("stage", STAGES)
def test_task_is_stored_without_scripts(rater: Client, stage: str) -> None:
    response = judge_once(rater, stage)

    assert (response.status_code, response["Location"]) == (303, f"/judge/alps/{stage}/")
    assert set(Judgment.objects.values_list("stage", "role", "rater__ref")) == {
        (stage, "peer", "peer")
    }
    assert Assignment.objects.filter(state="done").count() == 1


def test_htmx_gets_the_next_screen_alone(rater: Client) -> None:
    page = text_of(rater.get("/judge/alps/relevance/"))

    response = rater.post("/judge/alps/relevance/", filled(page), headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert text_of(response).strip().startswith('<div id="task"')
    assert "That was the last one" in text_of(response)


def test_missing_answers_are_named_and_the_rest_kept(rater: Client) -> None:
    page = text_of(rater.get("/judge/alps/extraction/"))
    data = {**filled(page), "item1-accuracy": "accurate", "item1-comment": "A fine comment"}
    del data["item1-support"]

    response = rater.post("/judge/alps/extraction/", data)

    assert response.status_code == 422
    assert "Please look at this again" in text_of(response)
    assert "A fine comment" in text_of(response)
    assert Judgment.objects.count() == 0


def test_same_page_sent_twice_is_stored_once(rater: Client) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")))

    statuses = [rater.post("/judge/alps/relevance/", data).status_code for _ in range(2)]

    assert statuses == [303, 303]
    assert Judgment.objects.count() == 1


def test_another_answer_to_a_stored_task_is_refused(rater: Client) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")))
    rater.post("/judge/alps/relevance/", data)

    response = rater.post("/judge/alps/relevance/", {**data, "item1-relevance": "optional"})

    assert (response.status_code, Judgment.objects.count()) == (409, 1)
    assert "You sent this task before" in text_of(response)
    assert 'value="optional"' in text_of(response).split("checked")[0][-200:]


def test_same_answers_from_another_tab_are_stored_once(rater: Client) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")))
    rater.post("/judge/alps/relevance/", data)

    response = rater.post("/judge/alps/relevance/", {**data, "key": "another"})

    assert (response.status_code, Judgment.objects.count()) == (303, 1)


def test_stale_fence_is_refused_with_a_sentence(rater: Client) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")))
    Assignment.objects.update(fence=7)

    response = rater.post("/judge/alps/relevance/", data)

    assert (response.status_code, Judgment.objects.count()) == (409, 0)
    assert "given out again" in text_of(response)


def test_place_of_somebody_else_is_refused(rater: Client, study: Study) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")))
    other = entered_as(Client(), make_participant(study, "other"))

    response = other.post("/judge/alps/relevance/", data)

    assert (response.status_code, Judgment.objects.count()) == (409, 0)


@pytest.mark.parametrize(
    "broken",
    [
        {"assignment": "nonsense"},
        {"assignment": str(uuid4())},
        {"fence": "-1"},
        {"fence": "9" * 40},
        {"key": "\x00"},
        {"key": "k" * 81},
    ],
)
def test_broken_page_is_refused(rater: Client, broken: dict[str, str]) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")), **broken)

    response = rater.post("/judge/alps/relevance/", data)

    assert (response.status_code, Judgment.objects.count()) == (409, 0)


@pytest.mark.parametrize(
    "broken",
    [
        {"item1-relevance": "no such option"},
        {"item1-seconds": "nan"},
        {"item1-seconds": "-3"},
        {"item1-flag": "rude"},
        {"item1-comment": "a\x00b"},
        {"item1-comment": "c" * 5_001},
    ],
)
def test_answers_outside_their_scale_are_refused(rater: Client, broken: dict[str, str]) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")), **broken)

    response = rater.post("/judge/alps/relevance/", data)

    assert (response.status_code, Judgment.objects.count()) == (422, 0)


def test_time_flag_and_comment_are_kept(rater: Client) -> None:
    more = {"item1-seconds": "12.5", "item1-flag": "broken", "item1-comment": "Half a word"}
    data = filled(text_of(rater.get("/judge/alps/relevance/")), **more)

    rater.post("/judge/alps/relevance/", data)

    kept = Judgment.objects.values_list("seconds", "flag", "comment", "device").get()
    assert kept == (12.5, "broken", "Half a word", "desktop")


def test_skip_is_recorded_with_its_reason(rater: Client) -> None:
    page = text_of(rater.get("/judge/alps/relevance/"))
    data = filled(page, **{"action": "skip", "skip-reason": "broken"})

    response = rater.post("/judge/alps/relevance/", data)

    assert response.status_code == 303
    assert list(Skip.objects.values_list("reason", "rater__ref")) == [("broken", "peer")]


def test_another_reason_needs_words_and_keeps_the_answers(rater: Client) -> None:
    page = text_of(rater.get("/judge/alps/relevance/"))
    data = filled(page, **{"action": "skip", "skip-reason": "other", "item1-comment": "Hm"})

    asked = rater.post("/judge/alps/relevance/", data)
    rater.post("/judge/alps/relevance/", {**data, "skip-words": "It is in Dutch"})

    assert (asked.status_code, "Hm" in text_of(asked)) == (422, True)
    assert Skip.objects.get().reason == "other: It is in Dutch"


def test_preference_is_fixed_before_attributes_are_shown(rater: Client) -> None:
    first = text_of(rater.get("/judge/alps/response/"))
    rater.post("/judge/alps/response/", filled(first, **{"item1-preference": "first_much"}))

    second = text_of(rater.get("/judge/alps/response/"))

    assert "Lives near" not in first
    assert "item1-preference" not in second
    assert "Lives near" in second


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "A is much better"), ("es", "A es mucho mejor")]
)
def test_kept_choice_is_shown_as_it_was_chosen(
    client: Client, study: Study, peer: Participant, swapped: bool, language: str, words: str
) -> None:
    Study.objects.update(document={**study.document, "languages": ["en", "es"]})
    rater = entered_as(client, peer)
    spoken = {"Accept-Language": language}
    first = text_of(rater.get("/judge/alps/response/", headers=spoken))
    Assignment.objects.filter(stage="response", state="leased").update(is_swapped=swapped)
    rater.post("/judge/alps/response/", filled(first, **{"item1-preference": "first_much"}))

    second = text_of(rater.get("/judge/alps/response/", headers=spoken))

    assert "Your choice:" not in first
    assert f'<strong dir="auto">{words}</strong>' in second


def test_choice_of_another_tab_stands_and_is_named(rater: Client) -> None:
    page = text_of(rater.get("/judge/alps/response/"))
    first = filled(page, **{"item1-preference": "no_difference", "item1-comment": ""})
    rater.post("/judge/alps/response/", first)
    other = {"item1-preference": "second_much", "item1-comment": "Mine was better."}

    again = rater.post("/judge/alps/response/", first)
    answer = rater.post("/judge/alps/response/", {**first, **other})

    assert (again.status_code, answer.status_code) == (303, 409)
    said = text_of(answer)
    assert "You chose “No difference” in another tab; that choice stands." in said
    assert "Mine was better." in said
    assert Judgment.objects.count() == 0


def test_faults_name_the_answer_they_are_about(rater: Client) -> None:
    first = filled(text_of(rater.get(RESPONSE)), **{"item1-preference": "no_difference"})
    rater.post(RESPONSE, first)
    page = text_of(rater.get(RESPONSE))
    data = filled(page)
    del data["item1-quality:b"]

    faults = text_of(rater.post(RESPONSE, data | {"item1-comment": "x" * 5_001}))

    assert "Answer B: How good is this answer? — Please answer this question." in faults
    assert "Answer A: " not in faults
    assert "Your comment — It has 5001 characters; at most 5000 can be stored." in faults
    assert page.count("(optional)") == 2


def test_fixed_preference_is_not_overwritten(rater: Client) -> None:
    first = text_of(rater.get("/judge/alps/response/"))
    rater.post("/judge/alps/response/", filled(first, **{"item1-preference": "no_difference"}))
    second = filled(text_of(rater.get("/judge/alps/response/")))

    rater.post("/judge/alps/response/", {**second, "item1-preference": "first_much"})

    assert preference() == "no_difference"


def test_time_of_both_steps_is_kept(rater: Client) -> None:
    first = text_of(rater.get("/judge/alps/response/"))
    rater.post("/judge/alps/response/", filled(first, **{"item1-seconds": "4.5"}))

    second = filled(text_of(rater.get("/judge/alps/response/")))

    assert second["item1-seconds"] == "4.5"


@pytest.mark.parametrize("swapped", [False, True])
def test_side_shown_is_turned_back_into_the_items_order(rater: Client, swapped: bool) -> None:
    page = text_of(rater.get("/judge/alps/response/"))
    Assignment.objects.filter(stage="response", state="leased").update(is_swapped=swapped)
    rater.post("/judge/alps/response/", filled(page, **{"item1-preference": "first_much"}))
    rater.post("/judge/alps/response/", filled(text_of(rater.get("/judge/alps/response/"))))

    wanted = "second_much" if swapped else "first_much"
    assert preference() == wanted


@pytest.mark.parametrize("swapped", [False, True])
def test_letters_follow_the_side_shown(rater: Client, swapped: bool) -> None:
    rater.get("/judge/alps/response/")
    Assignment.objects.filter(stage="response", state="leased").update(is_swapped=swapped)
    page = text_of(rater.get("/judge/alps/response/"))
    rater.post("/judge/alps/response/", filled(page))
    second = text_of(rater.get("/judge/alps/response/"))
    rater.post("/judge/alps/response/", filled(second, **{"item1-quality:a": "very_good"}))

    answers: Any = Judgment.objects.get().answers
    assert answers["quality"] == {
        "r1-all": "very_good" if swapped else "very_poor",
        "r1-generic": "very_poor" if swapped else "very_good",
    }
    assert page.index("in Bern") > page.index('id="reply-A"')
    assert ("in Bern" in page[: page.index('id="reply-B"')]) is swapped
    assert second.index("quality:a") < second.index('class="target">B')


def test_nothing_tells_which_answer_is_personalized(rater: Client) -> None:
    response = rater.get("/judge/alps/response/")

    assert_nowhere(["secret-model", "generic", "strategy", "r1-all"], response)


@pytest.mark.parametrize("stage", STAGES)
def test_words_of_people_and_models_stay_text(rater: Client, stage: str) -> None:
    response = rater.get(f"/judge/alps/{stage}/")

    assert_nowhere(["<b>Bern", "<i>Bern", "<u>plan", "<s>answer"], response)


def test_evidence_is_marked_where_it_was_said(rater: Client) -> None:
    page = text_of(rater.get("/judge/alps/extraction/"))

    assert '<mark id="said-1" data-evidence="1">I live near</mark>' in page


def test_reload_keeps_the_place(rater: Client) -> None:
    first, again = (filled(text_of(rater.get("/judge/alps/relevance/"))) for _ in range(2))

    kept = ("assignment", "fence")
    assert [first[name] for name in kept] == [again[name] for name in kept]


def test_closed_study_takes_nothing_more(rater: Client, study: Study) -> None:
    data = filled(text_of(rater.get("/judge/alps/relevance/")))
    close_studies()

    response = rater.post("/judge/alps/relevance/", data)

    assert (response.status_code, Judgment.objects.count()) == (409, 0)
    said = text_of(response)
    assert "<dt>Should it matter for the answer to this request?</dt>" in said
    assert ">Must be used</dd>" in said
    assert "Go on with the next task" not in said
    assert rater.get("/judge/alps/relevance/").status_code == 403


def test_withdrawn_person_is_asked_nothing(rater: Client, peer: Participant) -> None:
    peer.consents.update(withdrawn_at="2026-01-31T12:00:00Z")

    assert rater.get("/judge/alps/relevance/").status_code == 403


def preference() -> object:
    """What the only judgment prefers, in the item's own order."""
    return (Judgment.objects.get().answers or {}).get("preference")
