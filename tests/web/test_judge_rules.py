"""The judging pages under a study's own rules: quota, practice, deciding a disagreement."""

from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from annotation.actions.disputes import settle_disputes
from annotation.adjudicating import waiting_for_experts
from annotation.models import Assignment, Judgment, Task
from api.views.tasks import assignment_json
from studies.models import Participant, Study
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim, expert, rater
from tests.samples import PREFERENCE, make_participant
from tests.web.conftest import entered_as
from tests.web.pages import filled, text_of

pytestmark = pytest.mark.django_db
URL = "/judge/alps/response/"


def entered(client: Client, study: Study, ref: str = "somebody", expert: bool = False) -> Client:
    """A person who takes part in the study."""
    person = make_participant(study, ref)
    Participant.objects.filter(pk=person.pk).update(is_expert=expert)
    person.refresh_from_db()
    return entered_as(client, person)


def test_quota_reached_is_said_after_the_answers_are_saved(client: Client) -> None:
    person = entered(client, study_with(3, eligibility={"peer": {"quota": 1}}))
    data = filled(text_of(person.get(URL)))

    page = text_of(person.post(URL, data, headers={"HX-Request": "true"}))

    assert Judgment.objects.count() == 1
    assert "Your answers are saved." in page
    assert "You have judged as many of these as one person may." in page
    assert "Nothing was stored" not in page


@pytest.mark.parametrize(("value", "told"), [("1", "Right:"), ("tie", "Right would be:")])
def test_practice_says_what_was_right(client: Client, value: str, told: str) -> None:
    study = study_with(3, gold=gold(1, practice=1))
    person = entered(client, study)
    page = text_of(person.get(URL))
    is_swapped = Assignment.objects.get(purpose="gold").is_swapped
    shown = "2" if value == "1" and is_swapped else value

    response = person.post(URL, {**filled(page), "item1-preference": shown})

    assert response.status_code == 200
    assert told in text_of(response)
    assert "What was right" in text_of(response)
    assert "data-draft" in text_of(person.get(URL))


def test_gold_that_is_no_practice_says_nothing(client: Client) -> None:
    study = study_with(3, gold=gold(1, every=2))
    person = entered(client, study)
    seen = set()
    for _ in range(3):
        response = person.post(URL, filled(text_of(person.get(URL))))
        seen.add(response.status_code)

    assert seen == {303}
    assert Judgment.objects.filter(task__purpose="gold").count() == 1


def test_gold_of_which_nothing_was_told_can_be_changed_like_all_else(client: Client) -> None:
    study = study_with(4, gold=gold(2, every=2, practice=1))
    person = entered(client, study)
    undo = []
    for _ in range(4):
        person.post(URL, filled(text_of(person.get(URL))))
        undo.append("data-undo-sent" in text_of(person.get(URL)))

    purposes = Assignment.objects.filter(state="done").order_by("finished_at")
    assert sorted(purposes.values_list("purpose", flat=True)) == ["gold", "gold", "main", "main"]
    assert undo == [False, True, True, True]
    assert text_of(person.get("/judge/alps/")).count("Request ") == 3


def test_who_comes_to_a_full_study_is_told_that_nothing_waits(client: Client) -> None:
    study = study_with(3, gold=gold(2, practice=2))
    first = entered(Client(), study, "first")
    for _ in range(3):
        first.post(URL, filled(text_of(first.get(URL))))

    page = text_of(entered(client, study).get(URL))

    assert "data-draft" not in page
    assert Assignment.objects.filter(purpose="gold").count() == 2


def test_an_adjudicator_sees_answers_and_comments_but_not_whose_they_are(client: Client) -> None:
    study = disputed_study()

    page = text_of(entered(client, study, expert=True).get(URL))

    assert "Answers so far" in page
    assert page.count("Because of &lt;b&gt;this&lt;/b&gt;") == 2
    assert "<strong>The first</strong></p>" in page
    assert "<strong>The second</strong></p>" in page
    assert "worker-1" not in page
    assert "peer" not in page


def test_an_adjudicator_first_sees_what_others_said_to_the_same_questions(client: Client) -> None:
    rubric = deepcopy(PREFERENCE)
    rubric["questions"][0]["locked"] = True
    rubric["questions"].append({"key": "why", "kind": "text", "wording": {"peer": {"en": "Why?"}}})
    expert_client = entered(client, disputed_study(rubric, why="It is vegan"), expert=True)

    first = text_of(expert_client.get(URL))
    expert_client.post(URL, filled(first))
    second = text_of(expert_client.get(URL))

    assert ("The first" in first, "It is vegan" in first, "Because of" in first) == (
        True,
        False,
        False,
    )
    assert ("It is vegan" in second, "Because of" in second) == (True, True)


def test_what_is_disputed_is_set_apart_and_what_experts_are_not_asked_is_left_out(
    client: Client,
) -> None:
    rubric = deepcopy(PREFERENCE)
    text = {"kind": "text", "wording": {"peer": {"en": "Why?"}}, "required": False}
    rubric["questions"] += [{"key": "why", **text}, {"key": "peers", **text, "roles": ["peer"]}]
    study = disputed_study(rubric, why="It is vegan", peers="Nobody else's business")

    page = text_of(entered(client, study, expert=True).get(URL))

    assert "A disagreement to settle" in page
    told, folded = page.split("What is disputed:")[1].split("</section>")[0].split("<details>", 1)
    assert "The first" in told or "The second" in told
    assert ("It is vegan" in told, "It is vegan" in folded) == (False, True)
    assert "Nobody else" not in page


def test_the_door_says_that_a_disagreement_is_to_be_settled(client: Client) -> None:
    study = disputed_study()
    sentence = "You settle what others disagree about."

    assert sentence in text_of(entered(client, study, expert=True).get("/s/alps/"))
    assert sentence not in text_of(entered(Client(), study, "another").get("/s/alps/"))


def disputed_study(rubric: dict[str, Any] = PREFERENCE, **more: str) -> Study:
    """One pair of which two peers say the opposite, put to an expert."""
    study = study_with(1, places=2, rubric=rubric, adjudication={"rules": ["no_majority"]})
    for name, favoured in (("worker-1", "1"), ("worker-2", "2")):
        place = claim(study, rater(study, name))
        assert place
        shown = {"1": "2", "2": "1"}[favoured] if place.is_swapped else favoured
        answer(place, "Because of <b>this</b>", preference=shown, **more)
    settle_disputes(study=study, stage="response", tasks=[Task.objects.get(purpose="main").pk])
    return study


def test_disagreements_that_wait_for_an_expert_are_counted() -> None:
    study = disputed_study()
    before = waiting_for_experts(study)
    place = claim(study, expert(study), role="expert")
    assert place
    answer(place, preference="tie")

    assert (before, waiting_for_experts(study)) == ({"response": 1}, {})


def test_a_program_that_decides_is_told_the_answers_too() -> None:
    study = disputed_study()
    place = claim(study, expert(study), role="expert")
    assert place

    told = assignment_json(place)["answers_so_far"]

    ((item, given),) = told.items()
    assert item == place.task.task_items.get().item.ref
    assert sorted(one["answers"]["preference"] for one in given) == ["1", "2"]
    assert {one["comment"] for one in given} == {"Because of <b>this</b>"}


def test_others_see_no_answers_so_far(client: Client) -> None:
    page = text_of(entered(client, study_with(1)).get(URL))

    assert "Answers so far" not in page
