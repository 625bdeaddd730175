"""From one task to the next: few queries, however much waits, and nothing rendered in vain."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from annotation.actions.tasks import open_all_tasks
from annotation.models import Judgment
from annotation.rubrics.answers import Targets
from annotation.rubrics.document import parse_rubric
from annotation.rubrics.forms import answer_form
from annotation.rubrics.loading import load_default
from collection.models import Conversation
from studies.models import Study
from tests.samples import make_attribute, make_participant, make_study
from tests.web.conftest import CONSENT, STAGES, entered_as, fill
from tests.web.pages import filled, text_of
from web.participants import ENTERED
from web.sheets import blank_aside, blank_sheet

MOST_QUERIES = 23
"""Of a submission that brings the next task, but for one per judgment stored; docs/judging.md."""
SCRIPTED = {"HX-Request": "true"}


def study_of(owners: int, attributes: int) -> Study:
    """A study in which each of so many owners has one prompt and so many attributes."""
    study = make_study("alps", STAGES, consent=CONSENT)
    for number in range(owners):
        fill(study, make_participant(study, f"owner{number}"), number)
        conversation = Conversation.objects.get(ref=f"c{number}")
        for other in range(1, attributes):
            make_attribute(conversation, f"Walks {other}.", "I live", ref=f"a{number}-{other}")
    open_all_tasks(study=study)
    return study


def queries_to_go_on(client: Client, stage: str) -> int:
    """Queries from one answer to the next task, when the one before went the same way."""
    address = f"/judge/alps/{stage}/"
    page = text_of(client.get(address))
    page = text_of(client.post(address, filled(page), headers=SCRIPTED))
    before = Judgment.objects.count()
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(address, filled(page), headers=SCRIPTED)
    assert filled(text_of(answer))["assignment"] != filled(page)["assignment"]
    return len(captured) - (Judgment.objects.count() - before)


@pytest.mark.parametrize(("owners", "attributes"), [(7, 1), (9, 6)])
def test_next_task_comes_with_few_queries(db: None, owners: int, attributes: int) -> None:
    study = study_of(owners, attributes)
    client = entered_as(Client(), make_participant(study, "peer"))

    assert queries_to_go_on(client, "relevance") <= MOST_QUERIES


def test_bar_goes_on_from_task_to_task_without_counting(db: None) -> None:
    study_of(9, 1)
    client = entered_as(Client(), make_participant(Study.objects.get(), "peer"))
    page = text_of(client.get("/judge/alps/relevance/"))
    told = []

    for _task in range(8):
        page = text_of(client.post("/judge/alps/relevance/", filled(page), headers=SCRIPTED))
        told.append(re.findall(r"(\d+) of (\d+)", page))

    assert told == [[(str(number), "9")] for number in range(2, 10)]


def test_skipped_task_is_counted_anew(db: None) -> None:
    study_of(9, 1)
    client = entered_as(Client(), make_participant(Study.objects.get(), "peer"))
    page = text_of(client.get("/judge/alps/relevance/"))
    page = text_of(client.post("/judge/alps/relevance/", filled(page), headers=SCRIPTED))

    skip = filled(page, **{"action": "skip", "skip-reason": "broken"})
    page = text_of(client.post("/judge/alps/relevance/", skip, headers=SCRIPTED))

    assert "2 of 8" in page


def test_what_is_ahead_of_one_is_not_told_to_another(db: None) -> None:
    study = study_of(9, 1)
    client = entered_as(Client(), make_participant(study, "peer"))
    page = text_of(client.get("/judge/alps/relevance/"))
    client.post("/judge/alps/relevance/", filled(page), headers=SCRIPTED)
    session = client.session
    session[ENTERED] = [str(make_participant(study, "another").pk)]
    session.save()

    page = text_of(client.get("/judge/alps/relevance/", headers=SCRIPTED))

    assert "1 of 9" in page


@pytest.mark.parametrize("stage", ["relevance", "response"])
def test_sheet_is_what_a_form_renders(stage: str) -> None:
    rubric = parse_rubric(load_default(stage))
    sides = 2 if stage == "response" else 0
    keys = [question.key for question in rubric.questions if question.per != "attribute"]

    sheet = blank_sheet(
        rubric, role="peer", languages=("en", "en"), sides=sides, number=3, keys=keys
    )

    form = answer_form(
        rubric,
        role="peer",
        language="en",
        targets=Targets(responses=("one", "other")[:sides]),
        swapped=False,
        prefix="item3-",
        keys=keys,
    )
    assert (sheet.html, sheet.shortcuts) == (form.render(), form.shortcuts)


def test_sheets_of_two_languages_are_two() -> None:
    rubric = parse_rubric(load_default("relevance"))

    def sheet(language: str) -> str:
        with translation.override(language):
            return blank_sheet(
                rubric, role="peer", languages=(language, "en"), sides=0, number=1, keys=None
            ).html + blank_aside(1, "f")

    english, spanish = sheet("en"), sheet("es")
    assert (sheet("en"), sheet("es")) == (english, spanish)
    assert ("Must be used" in english, "Must be used" in spanish) == (True, False)
