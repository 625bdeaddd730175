"""What was extracted is verified, refined and merged by itself, in that order and once."""

import pytest
from django.utils import timezone

from generation.actions.automatic import plan_automatic
from generation.actions.prompts import add_prompt
from generation.automatic import automatic_endpoint
from generation.models import Attribute, AttributeLink, Verification
from generation.stages import NEEDED, STAGES, TITLES
from studies.models import Participant
from tests.generation.machine import work_off
from tests.samples import make_conversation, make_participant, make_study
from work.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Participant:
    return make_participant(make_study(automatic=list(STAGES), strategies=["generic"]))


def share(owner: Participant, ref: str, *words: str) -> None:
    conversation = make_conversation(owner, *words, ref=ref)
    conversation.shared_at = timezone.now()
    conversation.save()


def sweep(rounds: int = 6) -> list[dict[str, int]]:
    """The kinds of jobs that each round of sweeping and working adds."""
    added = []
    for _round in range(rounds):
        before = _kinds()
        plan_automatic(timezone.now())
        after = _kinds()
        added.append({kind: after[kind] - before.get(kind, 0) for kind in after})
        work_off()
    return [{kind: count for kind, count in row.items() if count} for row in added]


def _kinds() -> dict[str, int]:
    kinds = list(Job.objects.values_list("kind", flat=True))
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def test_stages_follow_each_other_and_then_nothing_does(owner: Participant) -> None:
    share(owner, "c1", "I love green tea. I want it.", "Fine.")
    share(owner, "c2", "I really love green tea.", "Fine.")

    added = sweep()

    assert added == [{"extraction": 2}, {"verify": 3}, {"refine": 1}, {"merge": 1}, {}, {}]
    assert AttributeLink.objects.filter(kind="duplicate").count() == 1
    assert Verification.objects.filter(dropped_at__isnull=False).count() == 1


def test_what_is_shared_later_is_looked_at_and_merged_too(owner: Participant) -> None:
    share(owner, "c1", "I love green tea.", "Fine.")
    share(owner, "c2", "I love green tea.", "Fine.")
    sweep()
    share(owner, "c3", "I love green tea.", "Fine.")

    assert sweep(5) == [{"extraction": 1}, {"verify": 1}, {"merge": 1}, {}, {}]
    assert Attribute.objects.current().count() == 1


def test_relevance_waits_for_all_that_finds_out_about_people(owner: Participant) -> None:
    add_prompt(study=owner.study, participant=owner, text="Which tea?")
    share(owner, "c1", "I love green tea.", "Fine.")

    kinds = [sorted(row) for row in sweep(4)]

    assert kinds[:3] == [["extraction", "response"], ["verify"], ["relevance"]]


def test_a_verifier_that_cannot_be_had_keeps_nobody_waiting() -> None:
    study = make_study(
        automatic=list(STAGES),
        extraction={
            "verify": {"endpoint": "nobody"},
            "merge": {"by": "embeddings", "endpoint": "nobody"},
        },
    )
    share(make_participant(study), "c1", "I love green tea.", "Fine.")

    assert sweep(2) == [{"extraction": 1}, {}]
    assert automatic_endpoint(study, "verify") is None


def test_each_stage_has_its_title_and_says_what_it_needs() -> None:
    assert (tuple(TITLES), tuple(NEEDED)) == (STAGES, STAGES)
