"""Opening tasks: everything once, in the light of what it is about."""

import pytest
from django.utils import timezone

from annotation.actions.tasks import open_all_tasks, open_tasks, plan_openings
from annotation.handlers import open_new_tasks
from annotation.models import Assignment, Item, Task, TaskItem
from annotation.screens import screen_of
from collection.models import Turn
from generation.models import Attribute, Evidence, Prompt
from studies.models import Study
from tests.samples import make_attribute, make_conversation, make_participant, make_study
from work.models import Job
from work.queue import claim, enqueue, finishing

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """One person with one conversation, two attributes and one prompt."""
    study = make_study()
    conversation = make_conversation(make_participant(study), "I like trains and tea", "Noted")
    make_attribute(conversation, "Likes trains", "trains", "a1")
    make_attribute(conversation, "Likes tea", "tea", "a2")
    Prompt.objects.create(study=study, participant=conversation.participant, ref="q1", text="Go?")
    return study


def test_open_tasks_makes_one_task_per_conversation_with_what_is_missing_last(
    study: Study,
) -> None:
    assert open_tasks(study=study, stage="extraction") == 1

    rows = TaskItem.objects.order_by("position").values_list("item__attribute__ref", flat=True)
    assert list(rows) == ["a1", "a2", None]


def test_open_tasks_makes_one_task_per_prompt_with_all_attributes(study: Study) -> None:
    assert open_tasks(study=study, stage="relevance") == 1

    assert Item.objects.filter(stage="relevance").count() == 2


def test_open_tasks_takes_more_attributes_than_sqlite_takes_conditions(study: Study) -> None:
    whole = study.conversations.get()
    many = Attribute.objects.bulk_create(Attribute(study=study, text="X") for _ in range(1_001))
    Evidence.objects.bulk_create(Evidence(attribute=row, conversation=whole) for row in many)

    assert open_tasks(study=study, stage="extraction") == 1


def test_open_all_tasks_twice_is_the_same_as_once(study: Study) -> None:
    first = open_all_tasks(study=study)

    assert open_all_tasks(study=study) == dict.fromkeys(first, 0)
    assert first == {"extraction": 1, "relevance": 1, "response": 0}


def test_open_tasks_asks_only_about_what_came_since(study: Study) -> None:
    open_all_tasks(study=study)
    make_attribute(study.conversations.get(), "Likes both", "trains and tea", "a3")

    assert open_all_tasks(study=study) == {"extraction": 1, "relevance": 1, "response": 0}
    assert Item.objects.filter(attribute__ref="a3").count() == 2
    assert Item.objects.filter(attribute=None).count() == 1


def test_open_tasks_does_not_ask_about_what_owners_wrote(study: Study) -> None:
    study.attributes.update(author="owner")

    assert open_tasks(study=study, stage="extraction") == 0


def test_open_tasks_makes_the_places_of_the_studys_overlap(study: Study) -> None:
    study.document["stages"]["extraction"] = {"overlap": {"owner": 1, "peer": 2}}

    open_tasks(study=study, stage="extraction")

    places = Assignment.objects.order_by("role", "place").values_list("role", "place")
    assert list(places) == [("owner", 1), ("peer", 1), ("peer", 2)]


def test_open_tasks_leaves_out_stages_the_study_has_not(study: Study) -> None:
    del study.document["stages"]["extraction"]

    assert open_tasks(study=study, stage="extraction") == 0


def test_a_task_shows_the_turns_as_they_were_when_it_opened(study: Study) -> None:
    open_tasks(study=study, stage="extraction")
    turn = Turn.objects.get(position=0)
    Turn.objects.create(
        conversation=turn.conversation, position=0, edition=2, role="user", content="Changed"
    )

    place = Assignment.objects.select_related("task__conversation", "task__study").first()
    assert place
    shown = [turn.content for turn in screen_of(place).turns]
    assert shown == ["I like trains and tea", "Noted"]


def test_plan_openings_opens_what_machines_proposed(study: Study) -> None:
    enqueue(kind="extraction", key={"n": 1}, payload={}, scope=study.scope)
    proposed = claim("w")
    assert proposed
    with finishing(proposed):
        pass

    for _ in range(2):
        plan_openings(timezone.now())
    opening = claim("w", ["open_tasks"])
    assert opening
    open_new_tasks(opening)

    assert Job.objects.filter(kind="open_tasks").count() == 1
    assert Task.objects.count() == 2
