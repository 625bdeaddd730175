"""The tables that leave: their rows and columns."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from annotation.models import Assignment, Exclusion, Rater, Task
from collection.models import Turn
from releases.tables.registry import TABLES
from releases.tables.table import source_of
from studies.models import Study
from tests.factories import (
    add_to_task,
    judge,
    make_attribute,
    make_conversation,
    make_item,
    make_judge,
    make_participant,
    make_prompt,
    make_rater,
    make_response,
    make_study,
)
from tests.releases.chains import (
    make_attribute_item,
    make_pair,
    make_peers,
    make_relevance_item,
    rows_of,
)

pytestmark = pytest.mark.django_db


def test_every_row_has_exactly_the_columns_of_its_table() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    for item in (make_attribute_item(study, owner),):
        judge(item, make_rater(study, owner), {"accuracy": "accurate"}, "owner")
    source = source_of(study)

    names = {name: [set(row) for row in table.rows(source)] for name, table in TABLES.items()}

    for name, table in TABLES.items():
        assert all(columns == set(table.schema(source).names) for columns in names[name])


def test_judgments_are_one_row_per_question_and_target() -> None:
    study = make_study()
    item = make_pair(study, make_participant(study, "p1"))
    answers = {"quality": {"r1": "fair", "r2": "good"}, "preference": "second_much"}
    judge(item, make_rater(study, make_participant(study, "p2")), answers, seconds=4.5)

    rows = rows_of("judgments", study)

    assert [(row["question"], row["target"], row["value"]) for row in rows] == [
        ("preference", None, "second_much"),
        ("quality", "r1", "fair"),
        ("quality", "r2", "good"),
    ]


def test_judgment_row_says_who_what_and_how() -> None:
    study = make_study()
    item = make_relevance_item(study, make_participant(study, "p1"))
    judge(item, make_judge(study), {"relevance": "must"}, "llm", ref="j1", is_swapped=True)

    (row,) = rows_of("judgments", study)

    expected = {
        "judgment": "j1",
        "item": "i1",
        "task": "t-i1",
        "subject": "p1",
        "rater": "careful",
        "rater_kind": "llm",
        "model": "gpt-x",
        "prompt_version": "judge-1",
        "role": "llm",
        "question": "relevance",
        "value": "must",
        "kind": "ordinal",
        "scale": "ordinal",
        "usable": True,
        "swapped": True,
        "purpose": "main",
        "position": 0,
        "content_digest": "digest-i1",
    }
    assert {name: row[name] for name in expected} == expected


def test_unusable_judgment_is_one_row_without_a_question() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    judge(item, make_judge(study), None, "llm", raw="I cannot say.")

    (row,) = rows_of("judgments", study)

    assert (row["question"], row["value"], row["usable"]) == (None, None, False)


def test_attributes_put_owner_peers_and_models_side_by_side() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    item = make_attribute_item(study, owner)
    judge(item, make_rater(study, owner), {"accuracy": "partly"}, "owner")
    for person, value in zip(make_peers(study, 3), ["accurate", "accurate", "partly"], strict=True):
        judge(item, make_rater(study, person), {"accuracy": value})
    judge(item, make_judge(study), {"accuracy": "accurate"}, "llm")

    (row,) = rows_of("attributes", study)

    assert (row["accuracy__owner"], row["accuracy__peers_n"]) == ("partly", 3)
    assert row["accuracy__peers"] == ["accurate", "accurate", "partly"]
    assert row["accuracy__peers_majority"] == "accurate"
    assert row["accuracy__peers_share"] == pytest.approx(2 / 3)
    assert [(each["judge"], each["value"]) for each in row["accuracy__llm"]] == [
        ("careful", "accurate")
    ]


def test_attributes_can_be_traced_to_the_words_of_a_turn() -> None:
    study = make_study()
    make_attribute_item(study, make_participant(study, "p1"))

    (row,) = rows_of("attributes", study)

    assert row["evidence"] == [
        {
            "conversation": "c1",
            "turn": 0,
            "edition": 1,
            "start": 2,
            "end": 16,
            "quote": "live near Bern",
        }
    ]
    assert (row["attribute_author"], row["attribute_endpoint"]) == ("llm:gpt-x", "main")


def test_relevance_row_has_prompt_attribute_and_answers() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    item = make_relevance_item(study, owner)
    judge(item, make_rater(study, owner), {"relevance": "shape", "comfort": "surprising"}, "owner")

    (row,) = rows_of("relevance", study)

    assert (row["prompt_text"], row["attribute_text"]) == ("Where can I hike?", "Lives near Bern.")
    assert (row["relevance__owner"], row["comfort__owner"]) == ("shape", "surprising")


def test_responses_say_how_each_was_made() -> None:
    study = make_study()
    make_pair(study, make_participant(study, "p1"))

    (row,) = rows_of("responses", study)

    assert (row["first"], row["first_strategy"], row["first_attributes"]) == ("r1", "generic", [])
    assert (row["second"], row["second_text"], row["second_attributes"]) == (
        "r2",
        "The Gurten.",
        ["a1"],
    )


def test_answers_per_response_and_attribute_have_their_own_columns() -> None:
    study = make_study()
    item = make_pair(study, make_participant(study, "p1"))
    answers = {
        "quality": {"r1": "fair", "r2": "good"},
        "attribute_effect": {"a1": "better"},
    }
    judge(item, make_rater(study, make_participant(study, "p2")), answers)

    (row,) = rows_of("responses", study)

    assert (row["quality__first__peers"], row["quality__second__peers"]) == (["fair"], ["good"])
    assert [(each["attribute"], each["peers"]) for each in row["attribute_effect"]] == [
        ("a1", ["better"])
    ]


def test_repeats_are_no_second_vote() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    rater = make_rater(study, make_participant(study, "p2"))
    again = add_to_task(item, "t-again", purpose="repeat")
    judge(item, rater, {"relevance": "avoid"}, ref="j2", task=again)
    judge(
        item, rater, {"relevance": "must"}, ref="j1", task=item.task_items.get(purpose="main").task
    )

    (row,) = rows_of("relevance", study)

    assert row["relevance__peers"] == ["must"]


def test_gold_and_what_came_late_are_no_votes_but_stand_in_the_long_table() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    rater = make_rater(study, make_participant(study, "p2"))
    gold = add_to_task(item, "t-gold", purpose="gold")
    judge(item, rater, {"relevance": "avoid"}, ref="j1", task=gold)
    task = item.task_items.get(purpose="main").task
    judge(item, rater, {"relevance": "must"}, ref="j2", task=task, is_surplus=True)

    (row,) = rows_of("relevance", study)

    assert row["relevance__peers"] == []
    told = [(row["purpose"], row["surplus"]) for row in rows_of("judgments", study)]
    assert told == [("gold", False), ("main", True)]


def test_answers_asked_for_because_others_disagreed_say_so() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    raters = [make_rater(study, person) for person in make_peers(study, 3)]
    decides = add_to_task(item, "t-decides")
    Task.objects.filter(pk=decides.pk).update(purpose="adjudication")
    task = item.task_items.get(task__ref="t-decides").task
    facts = {"study": study, "stage": task.stage, "role": "peer", "rank": 1, "state": "done"}
    ours = item.task_items.exclude(task=task).get().task
    added = Assignment.objects.create(task=ours, place=3, is_added=True, rater=raters[1], **facts)
    judge(item, raters[0], {"relevance": "must"}, task=ours)
    judge(item, raters[1], {"relevance": "must"}, task=ours, assignment=added)
    judge(item, raters[2], {"relevance": "must"}, task=task)

    told = {row["rater"]: row["added"] for row in rows_of("judgments", study)}

    assert told == dict(zip([one.ref for one in raters], [False, True, True], strict=True))


def test_answers_of_who_was_left_out_of_the_figures_say_so() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    raters = [make_rater(study, person) for person in make_peers(study, 3)]
    for rater in raters:
        judge(item, rater, {"relevance": "must"})
    kept, left_out, back = raters
    for rater in (left_out, back):
        Exclusion.objects.create(rater=rater, reason="does not read", by="ada")
    back.exclusions.update(ended_at=Now())

    told = {row["rater"]: row["excluded"] for row in rows_of("judgments", study)}

    assert told == {kept.ref: False, left_out.ref: True, back.ref: False}
    assert rows_of("relevance", study)[0]["relevance__peers_n"] == 3


def test_answers_of_a_dry_run_say_so() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    raters = [make_rater(study, person) for person in make_peers(study, 2)]
    for rater in raters:
        judge(item, rater, {"relevance": "must"})
    Rater.objects.filter(pk=raters[1].pk).update(extra={"simulated": 7})

    told = {row["rater"]: row["simulated"] for row in rows_of("judgments", study)}

    assert told == {raters[0].ref: False, raters[1].ref: True}


def test_aligned_answers_are_the_latest_revisions() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    rater = make_rater(study, make_participant(study, "p2"))
    judge(item, rater, {"relevance": "avoid"}, ref="j1")
    judge(item, rater, {"relevance": "must"}, ref="j2", revision=2)

    (row,) = rows_of("relevance", study)

    assert row["relevance__peers"] == ["must"]
    assert [row["value"] for row in rows_of("judgments", study)] == ["avoid", "must"]


def test_unusable_judge_is_named_as_such_beside_the_others() -> None:
    study = make_study()
    judge(make_relevance_item(study, None), make_judge(study), None, "llm", raw="Hm.")

    (row,) = rows_of("relevance", study)

    (verdict,) = row["relevance__llm"]
    assert (verdict["judge"], verdict["usable"], verdict["value"]) == ("careful", False, None)
    assert row["comfort__llm"] == []


def test_what_is_missing_is_asked_of_conversations_only() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    attribute = make_attribute_item(study, owner)
    missing = make_item(study, "extraction", "i2", conversation=study.conversations.get())
    judge(missing, make_rater(study, owner), {"missing": ["Has a dog."]}, "owner")
    judge(attribute, make_judge(study), None, "llm", raw="Hm.")

    first, second = rows_of("attributes", study)

    assert (first["item"], first["missing__owner"], first["missing__llm"]) == ("i1", None, [])
    assert (second["item"], second["missing__owner"]) == ("i2", ["Has a dog."])
    assert (second["conversation"], second["attribute"]) == ("c1", None)


def test_conversations_are_the_turns_as_they_stand_now() -> None:
    study = make_study()
    conversation = make_conversation(study, make_participant(study, "p1"))
    Turn.objects.create(
        conversation=conversation, position=0, edition=2, role="user", content="I live in [PLACE]."
    )

    rows = rows_of("conversations", study)

    assert [(row["turn"], row["edition"], row["content"]) for row in rows] == [
        (0, 2, "I live in [PLACE]."),
        (1, 1, "A fine place."),
    ]


@pytest.mark.parametrize("table", TABLES)
def test_tables_take_as_many_queries_for_three_rows_as_for_one(table: str) -> None:
    counts = []
    for count in (1, 3):
        study = make_study(f"study{count}")
        for n in range(count):
            make_whole_chain(study, n)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert rows_of(table, study)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def make_whole_chain(study: Study, n: int) -> None:
    owner = make_participant(study, f"p{n}")
    attribute = make_attribute(
        study, owner, f"a{n}", conversation=make_conversation(study, owner, ref=f"c{n}")
    )
    prompt = make_prompt(study, owner, f"q{n}")
    first = make_response(prompt, f"r{n}", given=[attribute])
    rater = make_rater(study, owner)
    for item, answers in (
        (make_item(study, "extraction", f"x{n}", attribute=attribute), {"accuracy": "accurate"}),
        (
            make_item(study, "relevance", f"y{n}", attribute=attribute, prompt=prompt),
            {"relevance": "must"},
        ),
        (
            make_item(study, "response", f"z{n}", prompt=prompt, first=first),
            {"quality": {first.ref: "good"}},
        ),
    ):
        judge(item, rater, answers, "owner")
