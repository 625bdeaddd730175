"""The page on what is owed and paid: for those who run the study only."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from studies.models import Participant, Payment, Study
from studies.recruitment.models import PanelIdentity
from studies.recruitment.sealing import seal
from tests.samples import make_participant, make_study
from tests.web.pages import hidden_fields, text_of
from tests.web.test_door import queries_of

PAGE = "/studies/alps/pay/"
ROUTES = ["bonus/", "paid/", "export/"]
PANEL_ID = "5f00aa11bb22"


@pytest.fixture
def paying(study: Study) -> Study:
    """The study, with a currency and a floor."""
    study.document = {**study.document, "pay": {"currency": "EUR", "floor_per_hour": 9}}
    study.save()
    return study


@pytest.fixture
def owed(paying: Study, peer: Participant) -> Payment:
    """Two euros for somebody whom a panel sent."""
    values = {"panel": "prolific", "person": PANEL_ID, "study": "", "session": ""}
    PanelIdentity.objects.create(
        participant=peer, study=paying, panel="prolific", digest="d", sealed=seal(values)
    )
    return Payment.objects.create(
        study=paying, participant=peer, kind="bonus", amount=2, currency="EUR", reason="x"
    )


def tokens(page: str) -> list[str]:
    """What the page says people are owed, as it posts it."""
    return [part.split('"')[0] for part in page.split('name="shown" value="')[1:]]


def test_page_shows_who_is_owed_what_and_no_panels_id(researcher: Client, owed: Payment) -> None:
    page = text_of(researcher.get(PAGE))

    assert "peer" in page
    assert "2.00" in page
    assert "Undefined: nobody has done everything yet." in page
    assert PANEL_ID not in page


def test_pay_below_the_floor_is_warned_of(
    researcher: Client, owed: Payment, peer: Participant
) -> None:
    part = peer.parts.create(name="survey")
    peer.parts.update(finished_at=part.began_at)
    Participant.objects.filter(pk=peer.pk).update(outcome="done")
    peer.parts.update(began_at="2026-01-31T12:00Z", finished_at="2026-01-31T12:30Z")

    page = text_of(researcher.get(PAGE))

    assert "4.00 EUR" in page
    assert "median of 1 person who did everything" in page
    assert "promised at least 9.00 EUR per hour" in page


def test_bonus_is_given_by_pseudonym(researcher: Client, paying: Study, peer: Participant) -> None:
    fields = hidden_fields(text_of(researcher.get(PAGE)))
    bonus = {"participant": "peer", "amount": "1.50", "reason": "Very careful"}

    response = researcher.post(PAGE + "bonus/", {"key": fields["key"], **bonus})

    assert response["Location"] == PAGE
    given = Payment.objects.get()
    assert (given.participant, given.amount, given.by) == (peer, Decimal("1.50"), "manager")


def test_row_leads_to_a_bonus_for_its_person(researcher: Client, owed: Payment) -> None:
    assert owed.participant
    assert f'href="?to={owed.participant.ref}#bonus-title"' in text_of(researcher.get(PAGE))

    page = text_of(researcher.get(PAGE, {"to": owed.participant.ref}))

    assert f'name="participant" value="{owed.participant.ref}"' in page


def test_paid_person_is_told_so(rater: Client, owed: Payment) -> None:
    Payment.objects.update(paid_at=timezone.now())

    assert "You have earned 2.00 EUR. It has been paid." in text_of(rater.get("/s/alps/"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"participant": "nobody"}, "Nobody in this study has this pseudonym."),
        ({"amount": "-1"}, "greater than or equal to 0.01"),
        ({"reason": ""}, "This field is required."),
        ({"reason": "a\x00"}, "Null characters are not allowed."),
    ],
)
def test_bonus_that_cannot_be_is_refused(
    researcher: Client, paying: Study, peer: Participant, change: dict[str, str], sentence: str
) -> None:
    whole = {"participant": "peer", "amount": "1", "reason": "x", "key": str(uuid4())} | change

    response = researcher.post(PAGE + "bonus/", whole)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not Payment.objects.exists()


def test_those_chosen_are_marked_as_paid(researcher: Client, owed: Payment) -> None:
    (token,) = tokens(text_of(researcher.get(PAGE)))

    page = researcher.post(PAGE + "paid/", {"chosen": token}, follow=True)

    owed.refresh_from_db()
    assert owed.paid_at is not None
    assert "1 payment is marked as paid." in text_of(page)
    assert tokens(text_of(page)) == []


def test_whole_page_is_marked_as_paid(researcher: Client, owed: Payment) -> None:
    shown = tokens(text_of(researcher.get(PAGE)))

    researcher.post(PAGE + "paid/", {"all": "1", "shown": shown})

    owed.refresh_from_db()
    assert owed.paid_at is not None


@pytest.mark.parametrize("chosen", [[], ["x"], ["a:b:c"], ["erased:EUR:2.00"], ["erased:EUR:NaN"]])
def test_broken_choice_marks_nothing(researcher: Client, owed: Payment, chosen: list[str]) -> None:
    page = researcher.post(PAGE + "paid/", {"chosen": chosen}, follow=True)

    owed.refresh_from_db()
    assert owed.paid_at is None
    assert 'class="note bad"' in text_of(page)


def test_export_is_streamed_and_not_kept_by_caches(researcher: Client, owed: Payment) -> None:
    response: Any = researcher.post(PAGE + "export/", {"panel": "prolific"})

    assert response.streaming
    assert b"".join(response.streaming_content) == f"{PANEL_ID},2.00\r\n".encode()
    assert "no-store" in response["Cache-Control"]
    assert PANEL_ID not in response["Content-Disposition"]


@pytest.mark.parametrize("fields", [{}, {"panel": "other"}, {"panel": "prolific", "kind": "x"}])
def test_export_of_no_panel_does_not_exist(
    researcher: Client, owed: Payment, fields: dict[str, str]
) -> None:
    assert researcher.post(PAGE + "export/", fields).status_code == 404


def test_viewers_see_no_pay(researcher: Client, owed: Payment) -> None:
    owed.study.memberships.update(role="viewer")

    assert researcher.get(PAGE).status_code == 403
    assert [researcher.post(PAGE + route).status_code for route in ROUTES] == [403] * 3


def test_pay_of_another_study_does_not_exist(researcher: Client, paying: Study) -> None:
    make_study("other", {})

    assert researcher.get("/studies/other/pay/").status_code == 404
    assert [researcher.post(f"/studies/other/pay/{one}").status_code for one in ROUTES] == [404] * 3


def test_participants_see_no_pay_page(rater: Client, owed: Payment) -> None:
    assert rater.get(PAGE).status_code == 302
    assert [rater.post(PAGE + route).status_code for route in ROUTES] == [302] * 3


def test_page_costs_the_same_for_1_and_3_people(researcher: Client, owed: Payment) -> None:
    researcher.get(PAGE)
    one = queries_of(researcher, PAGE)
    for ref in ("x", "y"):
        Payment.objects.create(
            study=owed.study,
            participant=make_participant(owed.study, ref),
            kind="bonus",
            amount=1,
            currency="EUR",
        )
    assert queries_of(researcher, PAGE) == one


def test_door_tells_what_parts_pay_and_what_was_earned(rater: Client, owed: Payment) -> None:
    rates = {"parts": {"extraction": 1}, "per_task": {"extraction": 0.125}}
    owed.study.document["pay"] |= rates
    owed.study.save()

    page = text_of(rater.get("/s/alps/"))

    assert "Pays 1.00 EUR · 0.125 EUR for each" in page
    assert "You have earned 2.00 EUR. It has not been paid yet." in page
    assert 'A bonus of 2.00 EUR: <span dir="auto">x</span>' in page
