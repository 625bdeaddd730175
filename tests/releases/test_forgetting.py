"""What an owner asks not to remember is out of queues, screens, tables and bundles at once."""

import json

import pytest

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.tasks import open_tasks
from annotation.models import Assignment, Item
from annotation.screens import screen_of
from generation.actions.remembering import forget_attribute, remember_attribute
from generation.knowledge import Knowledge
from generation.models import Attribute, Selection
from generation.planning.stages import plans_for
from generation.strategies.registry import STRATEGIES
from generation.strategies.strategy import Case
from llm.actions.endpoints import baseline_endpoint
from releases.bundle.writing import bundle_lines
from studies.models import Participant, Study
from tests.factories import (
    make_attribute,
    make_conversation,
    make_participant,
    make_prompt,
    make_rater,
    make_response,
    make_study,
)
from tests.releases.chains import rows_of

pytestmark = pytest.mark.django_db

STAGE_NAMES = ("extraction", "relevance", "response")
SECRET = "Sings in the shower."


@pytest.fixture
def study() -> Study:
    return make_study(stages={name: {"overlap": {"owner": 1, "peer": 1}} for name in STAGE_NAMES})


@pytest.fixture
def owner(study: Study) -> Participant:
    scopes = ("take_part", "peers", "models", "publish_words", "publish_ratings")
    return make_participant(study, "sam", scopes)


@pytest.fixture
def secret(study: Study, owner: Participant) -> Attribute:
    """Noticed beside something harmless; the reply to a request was made with it."""
    conversation = make_conversation(study, owner, ["I sing and hike a lot.", "Fine."])
    make_attribute(study, owner, "a1", "Hikes.", conversation)
    secret = make_attribute(study, owner, "a2", SECRET, conversation)
    prompt = make_prompt(study, owner)
    make_response(prompt, "r1", "Anywhere.")
    make_response(prompt, "r2", "In the shower.", "relevant_attributes:owner", [secret])
    for attribute in Attribute.objects.all():
        Selection.objects.create(
            study=study, prompt=prompt, attribute=attribute, source="owner", value=True
        )
    return secret


def open_everything(study: Study) -> None:
    for stage in STAGE_NAMES:
        open_tasks(study=study, stage=stage)


def forget(secret: Attribute) -> None:
    assert secret.participant is not None
    forget_attribute(attribute=secret, participant=secret.participant)


def taken(study: Study, person: Participant, role: str, stage: str) -> Assignment | None:
    return claim_next(study=study, stage=stage, role=role, rater=make_rater(study, person))


def test_nothing_is_opened_about_it(study: Study, secret: Attribute) -> None:
    forget(secret)

    open_everything(study)

    assert not Item.objects.filter(attribute=secret).exists()
    assert not Item.objects.filter(stage="response").exists()
    assert Item.objects.filter(attribute__ref="a1").count() == 2


def test_nothing_is_planned_with_it(study: Study, secret: Attribute) -> None:
    forget(secret)

    for stage in ("relevance", "response"):
        plans = plans_for(study, stage, baseline_endpoint())
        assert plans
        assert not any(str(secret.pk) in json.dumps(plan.payload) for plan in plans)


def test_strategies_do_not_give_it(owner: Participant, secret: Attribute) -> None:
    forget(secret)

    endpoint = baseline_endpoint()
    case = Case(owner.prompts.get(), owner.pk, endpoint)
    given = STRATEGIES["relevant_attributes:owner"].given(case, Knowledge(owner.study, endpoint))

    assert given is not None
    assert [row.ref for row in given.attributes] == ["a1"]


@pytest.mark.parametrize("role", ["owner", "peer"])
@pytest.mark.parametrize("stage", ["extraction", "relevance"])
def test_it_is_on_no_screen(
    study: Study, owner: Participant, secret: Attribute, role: str, stage: str
) -> None:
    open_everything(study)
    person = owner if role == "owner" else make_participant(study, "peer")
    forget(secret)

    place = taken(study, person, role, stage)

    assert place is not None
    assert SECRET not in str(screen_of(place).as_json())
    assert "Hikes." in str(screen_of(place).as_json())


@pytest.mark.parametrize("role", ["owner", "peer"])
def test_reply_made_with_it_is_asked_of_nobody(
    study: Study, owner: Participant, secret: Attribute, role: str
) -> None:
    open_everything(study)
    person = owner if role == "owner" else make_participant(study, "peer")
    place = taken(study, person, role, "response")
    assert place is not None

    forget(secret)
    assert taken(study, person, role, "response") is None

    assert secret.participant is not None
    remember_attribute(attribute=secret, participant=secret.participant)
    assert taken(study, person, role, "response") == place


def test_task_of_nothing_else_is_in_no_queue(study: Study, owner: Participant) -> None:
    conversation = make_conversation(study, owner)
    only = make_attribute(study, owner, "a1", SECRET, conversation)
    study.document["stages"]["extraction"]["missing"] = False
    study.save()
    open_tasks(study=study, stage="extraction")

    forget(only)

    assert taken(study, owner, "owner", "extraction") is None


def test_answers_sent_with_it_are_kept_without_it(
    study: Study, owner: Participant, secret: Attribute
) -> None:
    open_everything(study)
    place = taken(study, make_participant(study, "peer"), "peer", "relevance")
    assert place is not None
    shown = screen_of(place)
    answers = {shown.rubric.questions[0].key: shown.rubric.questions[0].options[0].value}
    entries = [Entry(item=item.ref, answers=answers) for item in shown.items]

    forget(secret)
    judgments = submit_assignment(
        assignment_id=place.pk, rater=place.rater, fence=place.fence, entries=entries
    )

    assert [row.item.attribute.ref for row in judgments if row.item.attribute] == ["a1"]


@pytest.mark.parametrize("table", ["attributes", "relevance", "responses"])
def test_it_is_in_no_table(study: Study, secret: Attribute, table: str) -> None:
    open_everything(study)
    before = rows_of(table, study)

    forget(secret)

    assert "in the shower." in str(before).lower()
    assert "in the shower." not in str(rows_of(table, study)).lower()


def test_it_is_in_no_bundle(study: Study, secret: Attribute) -> None:
    open_everything(study)
    forget(secret)

    lines = b"".join(bundle_lines(study)).decode()

    assert SECRET not in lines
    assert '"a2"' not in lines
    assert "In the shower." not in lines
