"""The page on judges: a column each, the command's numbers, and what it says without any."""

from typing import Any

import pytest
from django.test import Client

from annotation.judge_document import judge_cards
from studies.actions.members import add_member
from studies.models import Study, User
from tests.annotation.judged import judge_of, judged_pairs, say
from tests.samples import make_pairs, make_study
from tests.web.pages import text_of
from web.judge_page import sections_of

ADDRESS = "/studies/alps/judges/response/"


@pytest.fixture
def looking(client: Client) -> Any:
    """`looking(study)`: a browser of somebody who may see it."""

    def browser(study: Study) -> Client:
        user = User.objects.create_user("vera")
        add_member(study=study, user=user, role="viewer", by=None)
        client.force_login(user)
        return client

    return browser


def test_page_sets_judges_side_by_side(db: None, looking: Any) -> None:
    page = text_of(looking(judged_pairs()).get(ADDRESS))

    assert ">top<" in page
    assert ">length<" in page
    assert "<svg" in page
    assert "unknown 1" in page


def test_page_without_judges_says_so(db: None, looking: Any) -> None:
    page = text_of(looking(make_study()).get(ADDRESS))

    assert "No model has judged at this stage yet." in page


def test_page_without_people_says_so(db: None, looking: Any) -> None:
    page = text_of(looking(judged_pairs(people=0)).get(ADDRESS))

    assert "No person has judged these items yet" in page


def test_page_of_an_unknown_reference_refuses(db: None, looking: Any) -> None:
    page = text_of(looking(judged_pairs(2)).get(ADDRESS, {"reference": "mood"}))

    assert "The reference is one of majority, owner." in page


def test_page_of_a_stage_the_study_lacks_is_404(db: None, looking: Any) -> None:
    assert looking(judged_pairs(2)).get("/studies/alps/judges/relevance/").status_code == 404


def test_page_shows_the_commands_document(db: None, looking: Any) -> None:
    study = judged_pairs()

    shown = looking(study).get(ADDRESS).context["document"]

    assert shown == judge_cards(study=study, stage="response")


def test_sections_hold_every_judge_who_answered(db: None) -> None:
    document = judge_cards(study=judged_pairs(), stage="response")

    (section,) = sections_of(document)

    assert [judge["judge"] for judge in section.judges] == ["length", "top"]
    assert all(len(line.figures) == 2 for group in section.groups for line in group.lines)
    assert [point.x for _, points in section.curves for point in points] == [100, 50]


def test_page_links_the_other_questions(db: None, looking: Any) -> None:
    study = make_study()
    judge = judge_of(study, "top")
    make_pairs(study, 1)
    say(judge, study.items.get(), "first_much")

    browser = looking(study)
    page = text_of(browser.get(ADDRESS))
    other = text_of(browser.get(ADDRESS, {"question": "quality"}))

    assert "?question=quality&amp;reference=majority" in page
    assert "Which answer helps the person who asked more?</h2>" in page
    assert "No judge has answered this question." in other
