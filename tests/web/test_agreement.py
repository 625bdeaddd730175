"""The agreement pages: the same figures as command and API, and the items behind them."""

import csv
import json
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from annotation.models import Exclusion, Item, Judgment
from studies.actions.members import add_member
from studies.actions.tokens import create_token
from studies.models import Study, User
from tests.annotation.judged import judged_pairs, peer_of, say
from tests.annotation.test_agreement_read import surveyed
from web.agreement_charts import MOST_BARS
from web.agreement_page import pair_rows
from web.templatetags.figures import figure

pytestmark = pytest.mark.django_db
PAGE = "/studies/alps/agreement/response/"
RESTING = ("n", "n_most", "judgments", "more")


@pytest.fixture
def study() -> Study:
    return judged_pairs()


@pytest.fixture
def manager(study: Study) -> User:
    user = User.objects.create_user("manager")
    add_member(study=study, user=user, role="manager", by=None)
    return user


@pytest.fixture
def visitor(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def from_command(**options: str) -> dict[str, Any]:
    out = StringIO()
    chosen = [f"--{name}={value}" for name, value in options.items()]
    call_command("agreement", "--study=alps", "--stage=response", *chosen, "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


@pytest.mark.parametrize("options", [{}, {"reference": "owner"}, {"surplus": "count"}])
def test_command_and_api_tell_the_same(
    client: Client, manager: User, study: Study, options: dict[str, str]
) -> None:
    secret = create_token(user=manager, study=study, scope="read")

    answer = client.get(
        "/api/v1/studies/alps/agreement/",
        {"stage": "response", **options},
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert answer.json() == from_command(**options)


def test_page_shows_the_figures_of_the_command(visitor: Client) -> None:
    page, document = text_of(visitor, PAGE), from_command()

    for group in document["groups"]:
        assert f'<td class="number">{figure(group["pooled_kappa"])}</td>' in page
    assert '<span class="quiet small shared">n 6</span>' in page


def test_page_asks_for_a_figure_once_with_and_without_raters_left_out(
    visitor: Client, study: Study
) -> None:
    assert "without those left out" not in text_of(visitor, PAGE)
    Exclusion.objects.create(rater=peer_of(study, 0), reason="guesses", by="r")

    assert "with all raters and" in text_of(visitor, PAGE)
    assert "with all raters and" not in text_of(visitor, f"{PAGE}?raters=without_excluded")


def test_chart_says_how_many_of_its_raters_it_draws(visitor: Client, study: Study) -> None:
    for number in range(8, 30):
        say(peer_of(study, number), Item.objects.filter(study=study)[0], "1", role="peer")

    page = text_of(visitor, PAGE)
    table = visitor.get(f"{PAGE}accuracy.csv").content.decode()

    raters = len(table.splitlines()) - 1
    known = sum(bool(line.split(",")[2]) for line in table.splitlines()[1:])
    assert raters >= known > MOST_BARS
    assert f"{MOST_BARS} of {known} drawn" in page
    section = page.partition('id="table-accuracy"')[2].partition("</table>")[0]
    assert section.count('<th scope="row"') == raters


def test_numbers_come_as_csv_that_runs_no_formula(visitor: Client, study: Study) -> None:
    say(peer_of(study, 7), Item.objects.filter(study=study)[0], "1", role="peer")
    study.raters.filter(ref="w7").update(ref="=cmd()")

    response = visitor.get(f"{PAGE}accuracy.csv")

    assert response["Content-Disposition"].endswith('alps-response-preference-accuracy.csv"')
    assert "'=cmd()" in response.content.decode()
    assert visitor.get(f"{PAGE}nothing.csv").status_code == 404


def test_csv_has_numbers_in_columns_of_their_own(visitor: Client) -> None:
    table = visitor.get(f"{PAGE}kappa.csv").content.decode().splitlines()
    rows = list(csv.DictReader(table))

    assert {row["n"].isdecimal() for row in rows if row["value"]} == {True}
    assert all((row[name] or "0").isdecimal() for row in rows for name in RESTING)


def test_csv_tells_the_ends_of_what_pairs_share(visitor: Client) -> None:
    table = visitor.get(f"{PAGE}percent.csv").content.decode().splitlines()
    [peers] = [row for row in csv.DictReader(table) if row["of"].startswith("Two peers")]

    assert (peers["n"], peers["n_most"]) == ("6", "6")


def test_csv_of_pairs_says_which_figure_an_end_is_of() -> None:
    figures = {"percent": 0.5, "cohen_kappa": 0.2, "spearman": None, "pearson": None}
    pair = {"a": "w0", "b": "w1", "n": 6, **figures, "intervals": {"cohen_kappa": [0.1, 0.3]}}

    head, line = pair_rows([pair])

    row = dict(zip(head, line, strict=True))
    assert (row["cohen_kappa_low"], row["cohen_kappa_high"], row["percent_low"]) == (0.1, 0.3, None)


def test_a_cell_opens_its_items_and_these_what_was_shown(visitor: Client, study: Study) -> None:
    item = Item.objects.filter(study=study).order_by("ref")[0]

    assert item.prompt
    page = text_of(visitor, f"{PAGE}pair/?question=preference&a=w0&b=w1&given=2&other=2")
    shown = text_of(visitor, f"{PAGE}items/{item.ref}/")

    assert "3 items" in page
    assert f'href="{PAGE}items/{item.ref}/"' in page
    assert f'said plain" dir="auto">{item.prompt.text}' in shown
    assert shown.count("w0") == 1


def test_items_are_known_by_their_first_words_and_answers_by_labels(
    visitor: Client, study: Study
) -> None:
    item = Item.objects.filter(study=study).order_by("ref")[0]

    assert item.prompt
    page = text_of(visitor, f"{PAGE}pair/?a=w0&b=w1")

    shown = text_of(visitor, f"{PAGE}items/{item.ref}/")

    assert f">{item.prompt.text[:40]}" in page
    assert '<span dir="auto">The second</span>' in shown
    assert '<span dir="auto">The second</span>' in page


def test_a_pair_that_does_not_exist_is_told(visitor: Client) -> None:
    assert 'No rater is named "x"' in text_of(visitor, f"{PAGE}pair/?a=x&b=w0")


def test_items_of_another_study_do_not_exist(visitor: Client) -> None:
    assert visitor.get(f"{PAGE}items/nothing/").status_code == 404


def test_wrong_choice_is_a_sentence(visitor: Client) -> None:
    assert "No rater is named" in text_of(visitor, f"{PAGE}?reference=nobody")
    assert "raters is one of" in text_of(visitor, f"{PAGE}?raters=few")


def test_an_item_says_which_response_is_a_and_what_each_side_was_shown_as(
    visitor: Client, study: Study
) -> None:
    item = Item.objects.filter(study=study).order_by("ref")[0]
    assert item.first
    assert item.second
    say(peer_of(study, 8), item, "2", role="peer", is_swapped=True)

    shown = text_of(visitor, f"{PAGE}items/{item.ref}/")

    assert f">A · {item.first.ref}</span></h2>" in shown
    assert f">B · {item.second.ref}</span></h2>" in shown
    assert shown.count("A and B stand for the same two responses") == 1
    line = shown.partition(">w8<")[2].partition("</tr>")[0]
    assert "saw B as A" in line
    assert "The second</span> <span" in line
    assert "shown to them as “The first”" in line
    assert "shown to them" not in shown.partition(">w0<")[2].partition("</tr>")[0]


def test_a_pair_says_once_that_answers_are_in_the_items_order(visitor: Client) -> None:
    page = text_of(visitor, f"{PAGE}pair/?a=w0&b=w1")

    assert page.count("A and B stand for the same two responses") == 1


def test_summary_explains_its_figures_once_and_has_no_gap_without_judges(visitor: Client) -> None:
    page = text_of(visitor, f"{PAGE}?all=1")
    Judgment.objects.filter(role="llm").delete()
    people = text_of(visitor, f"{PAGE}?all=1")

    assert page.count("Items: judged by anybody.") == 1
    assert '<th scope="col" class="number">Human–model gap</th>' in page
    assert '<th scope="col" class="number">Human–model gap</th>' not in people
    whole = text_of(visitor, "/studies/alps/")
    part = visitor.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert whole.count("Items: judged by anybody.") == 1
    assert "Items: judged by anybody." not in part


def test_page_shows_each_large_enough_group_of_a_survey(client: Client) -> None:
    study = surveyed(10, 11)
    client.force_login(User.objects.create_superuser("root"))

    page = text_of(client, f"/studies/{study.slug}/agreement/response/?by=age")

    assert "young" in page
    assert "old" in page
