"""What somebody is told before they agree: the study's own parts, and what each pays."""

import pytest
from django.test import Client

from tests.samples import make_study
from tests.studies.recruitment import CONSENT
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
PAY = {"currency": "EUR", "parts": {"survey": "0.50"}, "per_task": {"response": "0.10"}}
SURVEY = [{"key": "age", "kind": "number", "wording": {"en": "How old are you?"}}]


def test_parts_and_prices_stand_before_the_yes(client: Client) -> None:
    make_study("alps", {"response": {}}, consent=CONSENT, survey=SURVEY, pay=PAY)

    page = text_of(client.get("/s/alps/"))

    survey, judging = page.index("A few questions about you"), page.index("Which answer helps")
    assert survey < page.index("Pays 0.50 EUR") < judging < page.index("0.10 EUR for each")
    assert page.index("0.10 EUR for each") < page.index("Agree and begin")
    assert "What matters for a request" not in page


def test_who_gives_is_told_that_they_read_it_first(client: Client) -> None:
    make_study("alps", {"extraction": {}}, consent=CONSENT, donate={})

    page = text_of(client.get("/s/alps/"))

    assert "Read it before anyone else does" in page
    assert "What was noted about you" in page


def test_study_without_parts_promises_none(client: Client) -> None:
    make_study("alps", {}, consent=CONSENT)

    page = text_of(client.get("/s/alps/"))

    assert "You may stop at any time" in page
    assert "Pays" not in page
