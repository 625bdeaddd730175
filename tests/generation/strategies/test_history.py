"""History: whole past turns, the newest conversation first, as many as fit."""

import pytest
from django.utils import timezone

from collection.models import Conversation, Turn
from generation.actions.runs import plan_run
from generation.models import GivenTurn
from generation.transcripts import that_fit
from llm.actions.endpoints import baseline_endpoint
from studies.models import Study
from tests.generation.machine import work_off
from tests.generation.strategies.people import ask_for, given_to, responses_by
from work.models import JobResult

pytestmark = pytest.mark.django_db

OLDER, NEWER = ["Anna once burnt a soup", "Oh no."], ["Anna moved to Bern", "How is it?"]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(2_000, [*NEWER, *OLDER]), (8, [*NEWER, "Oh no."][:2]), (3, ["How is it?"])],
)
def test_history_gives_what_fits(study: Study, tokens: int, expected: list[str]) -> None:
    found = responses_by(study, {"name": "history", "tokens": tokens})

    assert given_to(found["anna"]) == expected


def test_history_begins_with_what_was_shared_last(study: Study) -> None:
    Conversation.objects.filter(ref="anna-0").update(shared_at=timezone.now())

    found = responses_by(study, "history")

    assert given_to(found["anna"]) == [*OLDER, *NEWER]
    assert list(GivenTurn.objects.filter(response=found["anna"]).values_list("position")) == [
        (0,), (1,), (2,), (3,),
    ]  # fmt: skip


def test_history_gives_the_last_edition_and_no_instructions(study: Study) -> None:
    conversation = Conversation.objects.get(ref="bela-0")
    Turn.objects.create(conversation=conversation, position=0, edition=2, role="user", content="X")
    Turn.objects.create(conversation=conversation, position=2, role="system", content="Be rude")

    found = responses_by(study, "history")

    assert given_to(found["bela"]) == ["X", "Which?"]


def test_turn_that_was_redacted_since_is_not_sent(study: Study) -> None:
    ask_for(study, "history")
    plan_run(study=study, stage="response", endpoint=baseline_endpoint(), by="test")
    turn = Turn.objects.get(content="Bela repairs trains")
    Turn.objects.create(
        conversation=turn.conversation, position=0, edition=2, role="user", content="[WHAT]"
    )

    work_off()

    assert sorted(JobResult.objects.values_list("outcome", flat=True)) == ["gone", "ok"]


def test_that_fit_takes_no_part_of_a_turn() -> None:
    long, short = Turn(content="x" * 40), Turn(content="x" * 4)

    assert that_fit([[long, short]], tokens=10) == [short]
    assert that_fit([[short, long], [short]], tokens=9) == []
    assert that_fit([[short], [long, short], [short]], tokens=2) == [short, short]
