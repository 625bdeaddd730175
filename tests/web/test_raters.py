"""The pages on raters: the list, a card with its evidence, leaving out and taking in."""

from typing import Any

import pytest
from django.test import Client

from annotation.models import Exclusion
from annotation.quality.document import rater_document
from studies.actions.members import add_member
from studies.models import Study, User
from tests.annotation.quality.studies_made import study_of_four
from tests.annotation.test_disputes import study_with
from tests.annotation.working import rater, work
from tests.samples import make_study
from tests.web.pages import text_of

LIST = "/studies/alps/raters/"
CARD = "/studies/alps/raters/w9/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def looking(client: Client) -> Any:
    """`looking(study, role)`: a browser of a member."""

    def browser(study: Study, role: str = "manager") -> Client:
        user = User.objects.create_user("vera")
        add_member(study=study, user=user, role=role, by=None)
        client.force_login(user)
        return client

    return browser


def test_list_begins_with_who_stands_out(looking: Any) -> None:
    page = text_of(looking(study_of_four()).get(LIST))

    assert page.index(">w9<") < page.index(">w0<")
    assert "The same answer" in page


def test_list_names_the_question_that_a_kappa_is_of(looking: Any) -> None:
    page = text_of(looking(study_of_four()).get(LIST))

    assert page.count("in response/preference, n 40") == 4


def test_list_ends_with_those_who_answered_nothing_on_one_line(looking: Any) -> None:
    study = study_of_four()
    rater(study, "a1")

    page = text_of(looking(study).get(LIST))

    table, _end, rest = page.partition("</table>")
    assert ">a1<" not in table
    assert "1 rater has answered nothing" in rest
    assert 'href="/studies/alps/raters/a1/"' in rest


def test_list_of_nobody_says_so(looking: Any) -> None:
    assert "Nobody has judged yet." in text_of(looking(make_study()).get(LIST))


def test_card_opens_the_items_behind_a_flag(looking: Any) -> None:
    study = study_of_four()
    item = study.items.order_by("ref").first()
    assert item

    page = text_of(looking(study).get(CARD))

    assert f'href="/studies/alps/agreement/response/items/{item.ref}/"' in page
    assert "The second × 3" in page
    assert item.prompt
    assert f">{item.prompt.text}<" in page


def test_card_begins_with_flags_and_folds_the_rest_by_question(looking: Any) -> None:
    page = text_of(looking(study_of_four()).get(CARD))

    flags, _else, rest = page.partition("What else was measured")
    assert 'The same answer <span class="flag">' in flags
    assert "None of what follows is a flag" in rest
    assert 'class="flag"' not in rest
    assert '<summary><span dir="auto">Which answer is better?</span>' in rest


def test_card_without_a_flag_says_so_and_marks_what_rests_on_too_few(looking: Any) -> None:
    browser = looking(study_of_four(5))

    page = text_of(browser.get("/studies/alps/raters/w0/"))

    assert "<h2>No flag</h2>" in page
    assert "Fewer than 10: it says nothing yet." in page
    assert "Kappa" in page
    assert "the middle rater's" not in page


def test_card_says_the_number_that_is_expected(looking: Any) -> None:
    card = rater_document(study := study_of_four(), "w9")
    [expected] = [one["expected"] for one in card["signals"] if one["signal"] == "agreement"]

    assert f"{expected:.2f} is the least, 50% of the middle" in text_of(looking(study).get(CARD))


def test_rater_is_left_out_and_taken_in_again(looking: Any) -> None:
    browser = looking(study_of_four())

    left = browser.post(f"{CARD}exclude/", {"reason": "clicks through"}, follow=True)
    back = browser.post(f"{CARD}include/", follow=True)

    assert "clicks through" in text_of(left)
    assert "Counted in the figures again." in text_of(back)
    assert Exclusion.objects.values_list("by", "ended_by").get() == ("vera", "vera")


def test_list_holds_others_to_those_who_count_or_to_everybody(looking: Any) -> None:
    browser = looking(study_of_four())
    browser.post(f"{CARD}exclude/", {"reason": "clicks through"})

    assert "Others are not held to them." in text_of(browser.get(LIST))
    assert "Others are held to them as well." in text_of(browser.get(f"{LIST}?raters=all"))


def test_others_are_asked_from_the_card_of_who_is_left_out(looking: Any) -> None:
    study = study_with(2, 1)
    work(study, rater(study, "w9"), 1)
    browser = looking(study)
    assert "Ask others" not in text_of(browser.get(CARD))
    browser.post(f"{CARD}exclude/", {"reason": "clicks through"})

    assert "1 task that they filled" in text_of(browser.get(CARD))
    page = text_of(browser.post(f"{CARD}replace/", follow=True))

    assert "1 task is asked of somebody else." in page
    assert "Ask others" not in page


def test_list_leads_to_probable_answers_as_csv(looking: Any) -> None:
    browser = looking(study_of_four(5))

    lines = text_of(browser.get("/studies/alps/labels.csv")).splitlines()

    assert lines[0].startswith("question,item,target,answers,known,difficulty,label")
    assert len(lines) == 11
    assert "/studies/alps/labels.csv" in text_of(browser.get(LIST))


def test_leaving_out_without_a_reason_says_what_is_missing(looking: Any) -> None:
    answer = looking(study_of_four()).post(f"{CARD}exclude/", {"reason": " "})

    assert answer.status_code == 422
    assert "Say why" in text_of(answer)


def test_viewer_sees_no_button_and_may_not_act(looking: Any) -> None:
    browser = looking(study_of_four(), "viewer")

    assert "exclude/" not in text_of(browser.get(CARD))
    assert browser.post(f"{CARD}exclude/", {"reason": "x"}).status_code == 403


def test_card_of_a_model_or_nobody_is_404(looking: Any) -> None:
    assert looking(study_of_four(10)).get("/studies/alps/raters/w77/").status_code == 404


def test_study_page_asks_how_many_need_a_look(looking: Any) -> None:
    browser = looking(study_of_four())

    assert 'hx-get="/studies/alps/flagged-raters/"' in text_of(browser.get("/studies/alps/"))
    assert "1 rater bears a flag" in text_of(browser.get("/studies/alps/flagged-raters/"))
