"""Raters are blind: nothing that a page or a program is given tells where a response came from."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import rater_for_participant
from annotation.actions.tasks import open_all_tasks
from annotation.blinding import blind_name
from annotation.models import Assignment, Judgment
from annotation.rubrics.loading import load_default
from api.views.tasks import assignment_json
from generation.models import Attribute, Response
from studies.models import Participant, Study
from tests.samples import make_participant, make_study
from tests.web.conftest import CONSENT, STAGES, entered_as, fill
from tests.web.pages import filled, text_of

TELLING = ["gpt4-personalized-12", "human-plain-7", "gpt-4-turbo", "all-of-it", "generic-one"]
"""Refs, models and strategies, none of them a word that a page says anyway."""
OF_ATTRIBUTES = ["memory-of-gpt4-3"]
NEW = re.compile('(?<=name="key" value=")[^"]+|(?<=csrfmiddlewaretoken" value=")[^"]+')
"""What no two pages have in common."""


def telling_study() -> Study:
    """One pair of which every name tells what it is; words may be marked in it."""
    rubric = load_default("response") | {"version": 7}
    mark = {"key": "mentions", "kind": "spans", "per": "response", "required": False}
    rubric["questions"].append(mark | {"wording": {"peer": {"en": "An outright mention"}}})
    stages = STAGES | {"response": STAGES["response"] | {"rubric": rubric}}
    study = make_study("alps", stages, consent=CONSENT)
    fill(study, make_participant(study, "owner"))
    Attribute.objects.update(ref=OF_ATTRIBUTES[0])
    Response.objects.filter(strategy="all").update(ref=TELLING[0])
    Response.objects.filter(strategy="generic").update(ref=TELLING[1])
    open_all_tasks(study=study)
    Response.objects.filter(strategy="all").update(strategy=TELLING[3], model=TELLING[2])
    Response.objects.filter(strategy="generic").update(strategy=TELLING[4], model=TELLING[2])
    return study


@pytest.fixture
def peer(db: None) -> Participant:
    return make_participant(telling_study(), "peer")


def told_in(text: str, *more: str) -> list[str]:
    """What of it all stands in a text; models and strategies are told in no letters at all."""
    ids = [str(row.pk) for row in Response.objects.all()]
    ids += [row.pk.hex for row in Response.objects.all()]
    return [one for one in [*TELLING, *ids, *more] if one.lower() in text.lower()]


@pytest.mark.parametrize("is_swapped", [False, True])
def test_pages_tell_nothing(peer: Participant, is_swapped: bool) -> None:
    client, address = entered_as(Client(), peer), "/judge/alps/response/"
    client.get(address)
    Assignment.objects.filter(state="leased").update(is_swapped=is_swapped)
    first = text_of(client.get(address))
    client.post(address, filled(first))
    second = text_of(client.get(address))
    faulty = text_of(client.post(address, {**filled(second), "item1-quality:a": "?"}))
    client.post(address, filled(second))
    place = Assignment.objects.get(state="done")
    change = text_of(client.get(f"{address}{place.pk}/"))
    pages = [first, second, faulty, change, text_of(client.get("/judge/alps/"))]

    assert [told_in(page, *OF_ATTRIBUTES) for page in pages] == [[]] * 5
    assert ["quality:a" in page for page in pages] == [False, True, True, True, False]


def test_swapped_page_is_the_same_with_the_words_exchanged(peer: Participant) -> None:
    client, address = entered_as(Client(), peer), "/judge/alps/response/"
    Response.objects.filter(ref=TELLING[0]).update(text="Words of the first.")
    Response.objects.filter(ref=TELLING[1]).update(text="Words of the other.")
    client.get(address)
    pages = []
    for is_swapped in (False, True):
        Assignment.objects.filter(state="leased").update(is_swapped=is_swapped)
        pages.append(NEW.sub("", text_of(client.get(address))))
    turned = pages[1].replace("the first.", "*").replace("the other.", "the first.")

    assert pages[0] == turned.replace("*", "the other.")


@pytest.mark.parametrize("stage", ["extraction", "relevance"])
def test_other_stages_tell_no_ref(peer: Participant, stage: str) -> None:
    page = text_of(entered_as(Client(), peer).get(f"/judge/alps/{stage}/"))

    assert told_in(page, *OF_ATTRIBUTES) == []


def taken(peer: Participant) -> Assignment:
    """The pair, held by the peer."""
    rater = rater_for_participant(peer)
    place = claim_next(study=peer.study, stage="response", role="peer", rater=rater)
    assert place
    return place


def answers_of(place: Assignment, *quality: str) -> Entry:
    """A program's answers: the first option of everything, and the quality of A and B."""
    task = assignment_json(place)
    (item,) = task["items"]
    rows = {"response": item["responses"], "attribute": item.get("attributes", [])}
    answers: dict[str, Any] = {}
    for question in task["rubric"]["questions"]:
        if question["kind"] in ("choice", "ordinal", "pairwise"):
            first = question["options"][0]["value"]
            at = {row["id"]: first for row in rows.get(question.get("per", ""), [])}
            answers[question["key"]] = at or first
    names = [row["id"] for row in item["responses"]]
    answers["quality"] = dict(zip(names, quality, strict=False))
    return Entry(item=item["id"], answers=answers)


def test_programs_are_told_nothing(peer: Participant) -> None:
    told = json.dumps(assignment_json(taken(peer)), default=str)

    assert told_in(told, *OF_ATTRIBUTES) == []


def test_faults_tell_nothing(peer: Participant) -> None:
    place = taken(peer)
    with pytest.raises(ValidationError) as refusal:
        submit_assignment(
            assignment_id=place.pk,
            rater=place.rater,
            fence=place.fence,
            entries=[answers_of(place, "no such")],
        )

    assert told_in(str(refusal.value.message_dict)) == []


def test_blind_names_are_turned_back_into_rows(peer: Participant) -> None:
    place = taken(peer)
    entry = answers_of(place, "good", "poor")
    submit_assignment(assignment_id=place.pk, rater=place.rater, fence=place.fence, entries=[entry])

    answers: Any = Judgment.objects.get().answers
    own = place.task.task_items.get().item
    sides = [own.second, own.first] if place.is_swapped else [own.first, own.second]
    assert answers["quality"] == {sides[0].ref: "good", sides[1].ref: "poor"}  # type: ignore[union-attr]


def test_blind_name_says_neither_ref_nor_order() -> None:
    names = [blind_name(f"r{number}") for number in range(50)]

    assert len(set(names)) == 50
    assert names not in (sorted(names), sorted(names, reverse=True))
