"""Models as raters: the same items, the same door, nothing invented where they fail."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from annotation.actions.judging import plan_judging
from annotation.judges import judge_faults
from annotation.models import Judgment
from bench.fakellm.material import material_in
from bench.fakellm.replies import completion
from bench.fakellm.server import FakeLlm
from generation.actions.attributes import add_attribute
from generation.actions.prompts import add_prompt
from generation.models import Selection
from studies.models import Participant, Study
from tests.annotation.judging import JUDGES, judged
from tests.generation.machine import done, served, work_off
from work import queue
from work.models import Job
from work.queries import Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(person: Participant) -> Study:
    """The person's, with a request of theirs."""
    add_prompt(study=person.study, text="A vegan dinner?", participant=person)
    return person.study


def answers(key: str) -> dict[str, Any]:
    """By the attribute's text."""
    rows = Judgment.objects.filter(item__attribute__isnull=False, is_usable=True)
    return {row.item.attribute.text: (row.answers or {})[key] for row in rows}  # type: ignore[union-attr]


# -- What is asked and stored ----------------------------------------------------


@pytest.mark.parametrize("judge", ["model", "rules"])
def test_judge_answers_every_item_of_stage_1(study: Study, server: FakeLlm, judge: str) -> None:
    progress = judged(study, "extraction", judge)

    assert progress.outcomes == {"ok": 1}
    assert Judgment.objects.filter(role="llm", is_usable=True).count() == 3
    assert answers("accuracy")["Is vegan"] == "accurate"
    assert answers("accuracy")["Owns a boat"] != "accurate"


@pytest.mark.parametrize("judge", ["model", "rules"])
def test_judge_decides_selections_at_stage_2(study: Study, server: FakeLlm, judge: str) -> None:
    judged(study, "relevance", judge)

    rows = Selection.objects.order_by("attribute__ref").values_list("attribute__text", "value")
    assert list(rows) == [("Is vegan", True), ("Owns a boat", False)]


@pytest.mark.parametrize("judge", ["model", "rules"])
def test_judge_compares_in_both_orders(pairs: Study, server: FakeLlm, judge: str) -> None:
    judged(pairs, "response", judge)

    rows = Judgment.objects.order_by("is_swapped").values_list("is_swapped", "is_usable")
    assert list(rows) == [(False, True), (True, True)]


def test_judge_stores_a_preference_in_the_items_order(pairs: Study, server: FakeLlm) -> None:
    server.answer = lambda _: {"items": {"i1": {"preference": "1"}}}

    judged(pairs, "response")

    rows = Judgment.objects.order_by("is_swapped").values_list("answers", flat=True)
    assert list(rows) == [{"preference": "1"}, {"preference": "2"}]


def test_judge_swaps_what_it_shows(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response")

    shown = [material_in(request) for request in server.requests]
    one, other = [[row["text"] for row in each["items"][0]["responses"]] for each in shown]
    assert one == other[::-1]


def test_judge_in_the_given_order_is_asked_once(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response", "given")

    assert Judgment.objects.get().is_swapped is False


def test_judge_sees_no_names_of_rows_and_no_strategy(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response")

    sent = str([request["messages"][1] for request in server.requests])
    assert "q0000" not in sent
    assert "strategy" not in sent


def test_judge_gives_each_sample_a_row_and_a_seed(study: Study, server: FakeLlm) -> None:
    judged(study, "relevance", "twice")

    assert set(Judgment.objects.values_list("sample", flat=True)) == {0, 1}
    assert [request["seed"] for request in server.requests] == [0, 1]


def test_judge_with_a_profile_is_another_arm(study: Study, server: FakeLlm) -> None:
    person = study.participants.get()
    add_attribute(participant=person, text="Runs marathons")

    judged(study, "extraction", "knowing")

    document = material_in(server.requests[0])
    assert document["profile"] == {"traits": {"invented": True}, "attributes": ["Runs marathons"]}
    assert set(Judgment.objects.values_list("arm", flat=True)) == {"profile"}


def test_judge_rows_say_who_judged(study: Study, server: FakeLlm) -> None:
    judged(study, "relevance")

    judgment = Judgment.objects.first()
    assert judgment
    assert judgment.call
    assert judgment.presentation_digest
    rater = judgment.rater
    assert (rater.kind, rater.model) == ("llm", "fake-model")
    assert rater.prompt_version.startswith("relevance-judge@")
    assert rater.parameters == {"temperature": 0, "endpoint": "fake"}


# -- Where it fails ----------------------------------------------------------------


def kept(outcome_of: Progress) -> tuple[dict[str, int], set[tuple[bool, Any, str | None]]]:
    rows = Judgment.objects.values_list("is_usable", "answers", "raw")
    return outcome_of.outcomes, {(usable, answer, raw) for usable, answer, raw in rows}


def test_judge_that_cannot_be_read_is_asked_thrice_and_kept_as_unusable(
    pairs: Study, server: FakeLlm
) -> None:
    server.answer = lambda _: "The first one!"

    result = kept(judged(pairs, "response", "given"))

    assert result == ({"unusable": 1}, {(False, None, "The first one!")})
    assert server.billed == 3


def test_judge_that_comes_round_is_kept(pairs: Study, server: FakeLlm) -> None:
    server.script(completion("The first one!"), completion('{"items": {}}'))

    progress = judged(pairs, "response", "given")

    assert (progress.outcomes, server.billed) == ({"ok": 1}, 3)
    assert Judgment.objects.get().is_usable


@pytest.mark.parametrize("answer", ["3", 1, None, True, "", ["1"], "１"])
def test_judge_out_of_range_gets_no_default(pairs: Study, server: FakeLlm, answer: Any) -> None:
    said = {"items": {"i1": {"preference": answer}}}
    server.answer = lambda _: said

    result = kept(judged(pairs, "response", "given"))

    assert result == ({"unusable": 1}, {(False, None, json.dumps(said, ensure_ascii=False))})


def test_judge_keeps_good_items_beside_a_bad_one(study: Study, server: FakeLlm) -> None:
    said = {"items": {"i1": {"relevance": "must"}, "i2": {"relevance": "maybe"}}}
    server.answer = lambda _: said

    judged(study, "relevance")

    rows = Judgment.objects.order_by("item__attribute__ref").values_list("answers", "is_usable")
    assert list(rows) == [({"relevance": "must"}, True), (None, False)]


def test_judge_that_breaks_a_condition_of_the_rubric_is_unusable(
    study: Study, server: FakeLlm
) -> None:
    entry = {"accuracy": "accurate", "support": "stated", "fault": "other", "correction": None,
             "scope": "lasting"}  # fmt: skip
    missing: dict[str, Any] = {"missing": []}
    server.answer = lambda _: {"items": {"i1": entry, "i2": entry, "i3": missing}}

    progress = judged(study, "extraction")

    assert (progress.outcomes, server.billed) == ({"unusable": 1}, 3)
    assert Judgment.objects.filter(is_usable=True).get().answers in ({}, missing)


def test_judge_that_refuses_is_asked_once_and_kept(pairs: Study, server: FakeLlm) -> None:
    server.answer = None  # type: ignore[assignment]
    server.script(completion(None, refusal="I can't."))

    result = kept(judged(pairs, "response", "given"))

    assert result == ({"refused": 1}, {(False, None, "I can't.")})
    assert server.billed == 1


def test_judge_cut_short_is_not_read_as_complete(pairs: Study, server: FakeLlm) -> None:
    text = '{"items": {"i1": {"preference": "1"}}}'
    server.script(*[completion(text, finish_reason="length")] * 3)

    progress = judged(pairs, "response", "given")

    assert progress.outcomes == {"unusable": 1}
    assert not Judgment.objects.get().is_usable


# -- Planning ------------------------------------------------------------------------


def test_plan_judging_twice_asks_nothing_twice(pairs: Study, server: FakeLlm) -> None:
    judged(pairs, "response")
    judged(pairs, "response")

    assert (Job.objects.count(), Judgment.objects.count(), server.billed) == (2, 2, 2)


def test_plan_judging_sends_nothing_without_consent(study: Study, server: FakeLlm) -> None:
    study.participants.get().consents.filter(scope="models").delete()

    with pytest.raises(ValidationError, match="nothing that model could judge"):
        judged(study, "extraction")
    assert judged(study, "extraction", "rules").done == 1


def test_judge_looks_at_consent_again(study: Study, server: FakeLlm) -> None:
    run = plan_judging(study=study, stage="extraction", judge_name="model", by="test")
    study.participants.get().consents.all().delete()

    assert done(run).outcomes == {"not_allowed": 1}
    assert server.requests == []


@pytest.mark.parametrize(
    ("stage", "judge", "sentence"),
    [
        ("response", "nobody", "no judge named “nobody”; it has rules, twice"),
        ("relevance", "model", "no stage “relevance”"),
    ],
)
def test_plan_judging_refuses_with_a_sentence(
    pairs: Study, server: FakeLlm, stage: str, judge: str, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        plan_judging(study=pairs, stage=stage, judge_name=judge, by="test")


@pytest.mark.parametrize(
    ("section", "paths"),
    [
        (JUDGES, []),
        (None, []),
        ([{"name": "a", "samples": 0}], [(0, "samples")]),
        ([{"name": "a", "mood": "careful"}], [(0, "mood")]),
        ([{"name": "a", "orders": "random"}], [(0, "orders")]),
        ([{"name": "a", "prompt": "../secret"}], [(0, "prompt")]),
        ([{"name": "a"}, {"name": "a"}], [(1,)]),
        ({"name": "a"}, [()]),
    ],
)
def test_judge_faults_name_the_place(section: Any, paths: list[Any]) -> None:
    assert [path for path, _ in judge_faults(section, {})] == paths


def test_judge_command_reports_one_document(pairs: Study, server: FakeLlm) -> None:
    out = StringIO()

    call_command("judge", study="alps", stage="response", judge="model", json=True, stdout=out)

    report = json.loads(out.getvalue())
    assert report["counts"] == {"judgments": 2, "unusable": 0}
    assert report["plan"]["judge"]["name"] == "model"


def test_judge_waits_for_an_endpoint_that_is_switched_off(pairs: Study, server: FakeLlm) -> None:
    run = plan_judging(study=pairs, stage="response", judge_name="given", by="test")
    served(server, is_active=False)

    assert done(run).held == 1
    assert run.jobs.get().last_error == "held: the endpoint fake is switched off"

    served(server, is_active=True)

    assert done(run).done == 1


def test_judge_of_a_removed_task_ends_quietly(pairs: Study, server: FakeLlm) -> None:
    run = plan_judging(study=pairs, stage="response", judge_name="given", by="test")
    pairs.tasks.all().delete()

    assert done(run).outcomes == {"gone": 1}


def test_open_new_tasks_opens_what_is_due(study: Study) -> None:
    queue.enqueue(
        kind="open_tasks", key={"n": 1}, payload={"study": str(study.pk)}, scope=study.scope
    )

    work_off()

    assert set(study.tasks.values_list("stage", flat=True)) == {"extraction", "relevance"}
