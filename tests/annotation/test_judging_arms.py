"""What a study may ask of a judge: reasons, limits, one order, and the person's profile."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.actions.judging import plan_judging
from annotation.actions.tasks import open_tasks
from annotation.judging import schema_for
from annotation.models import Judgment, Task
from annotation.profiles import profile_of
from annotation.screens import judge_screen
from bench.fakellm.material import material_in
from bench.fakellm.server import FakeLlm
from generation.actions.attributes import add_attribute
from generation.models import AttributeLink
from studies.models import Participant, Study
from tests.annotation.judged import peer_of
from tests.annotation.judging import judged
from tests.generation.machine import done

pytestmark = pytest.mark.django_db

# -- Reasons and limits ----------------------------------------------------------------


def test_reason_comes_before_the_verdict_and_is_kept(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response", "reasons")

    judgment = Judgment.objects.get()
    assert judgment.is_usable
    assert judgment.comment.endswith("shared.")
    assert judgment.rater.parameters["reasoning"] is True
    schema = server.requests[0]["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["reasoning", "items"]


def test_limit_is_sent_and_named(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response", "reasons")

    assert server.requests[0]["max_tokens"] == 300
    assert Judgment.objects.get().rater.parameters["max_tokens"] == 300


def test_rules_give_their_reason_too(pairs: Study) -> None:
    judged(pairs, "response", "rules-reason")

    assert Judgment.objects.get().comment == "By the words that are shared."


def test_schema_without_reasons_asks_for_none(pairs: Study) -> None:
    screen = judge_screen(Task.objects.get(), is_swapped=False)

    assert list(schema_for(screen)["properties"]) == ["items"]


def test_drawn_order_is_asked_once_and_drawn_alike_again(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response", "drawn")
    judged(pairs, "response", "drawn")

    assert Judgment.objects.count() == 1


# -- With the profile ------------------------------------------------------------------


def texts(person: Participant, stage: str = "relevance") -> list[str]:
    """What the profile tells on a screen that asks about nothing of theirs."""
    task = Task(study=person.study, stage=stage, subject=person)
    task.save()
    found = profile_of(judge_screen(task, is_swapped=False))
    assert found is not None
    return list(found["attributes"])


def answered(person: Participant, ref: str, accuracy: str, **changes: Any) -> None:
    """A judgment of an attribute, by its owner unless told otherwise."""
    item = person.study.items.get(attribute__ref=ref)
    Judgment.objects.create(
        **{
            "study": person.study,
            "stage": "extraction",
            "item": item,
            "task": item.task_items.get().task,
            "rater": peer_of(person.study, 0),
            "role": "owner",
            "rubric_version": 1,
            "answers": {"accuracy": accuracy},
            **changes,
        }
    )


@pytest.fixture
def opened(person: Participant) -> Participant:
    """The person, whose attributes are up for judging."""
    open_tasks(study=person.study, stage="extraction")
    return person


def test_profile_tells_what_the_person_wrote(person: Participant) -> None:
    add_attribute(participant=person, text="Runs marathons")

    assert texts(person) == ["Runs marathons"]


def test_profile_tells_what_the_owner_accepted(opened: Participant) -> None:
    answered(opened, "a1", "accurate")
    answered(opened, "a2", "inaccurate")

    assert texts(opened) == ["Is vegan"]


def test_profile_follows_the_last_revision(opened: Participant) -> None:
    answered(opened, "a1", "accurate")
    answered(opened, "a1", "inaccurate", revision=2)

    assert texts(opened) == []


def test_profile_tells_nothing_that_peers_accepted(opened: Participant) -> None:
    answered(opened, "a1", "accurate", role="peer")

    assert texts(opened) == []


def test_profile_leaves_out_what_is_replaced(opened: Participant) -> None:
    answered(opened, "a1", "accurate")
    newer = add_attribute(participant=opened, text="Eats vegan food")
    AttributeLink.objects.create(
        study=opened.study, attribute=opened.attributes.get(ref="a1"), other=newer,
        kind="superseded", replaces=True, author="lexical",
    )  # fmt: skip

    assert texts(opened) == ["Eats vegan food"]


def test_profile_is_not_sent_without_consent(person: Participant, server: FakeLlm) -> None:
    add_attribute(participant=person, text="Runs marathons")
    run = plan_judging(study=person.study, stage="extraction", judge_name="knowing", by="test")
    person.consents.filter(scope="models").delete()

    assert done(run).outcomes == {"not_allowed": 1}
    assert server.requests == []


def test_profile_of_nobody_is_not_asked_for(pairs: Study, server: FakeLlm) -> None:
    with pytest.raises(ValidationError, match="nothing that knowing could judge"):
        judged(pairs, "response", "knowing")


def test_profile_of_somebody_who_left_is_told_to_nobody(
    person: Participant, server: FakeLlm
) -> None:
    run = plan_judging(study=person.study, stage="extraction", judge_name="knowing", by="test")
    Task.objects.update(subject=None)

    assert done(run).outcomes == {"no_profile": 1}
    assert [material_in(request) for request in server.requests] == []
