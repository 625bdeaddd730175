"""What of a stage's judgments figures count, whom they are about, and by which groups."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.agreement.survey_groups import shown_groups
from annotation.choices import Purpose
from annotation.models import Exclusion, Item, Judgment, Rater, Task, TaskItem
from annotation.queries import agreement
from generation.models import Prompt, Response
from studies.models import Participant, Study
from tests.annotation.judged import judged_pairs, peer_of, say
from tests.samples import (
    PREFERENCE,
    make_attribute,
    make_conversation,
    make_pairs,
    make_participant,
    make_study,
)

pytestmark = pytest.mark.django_db

SURVEY = [
    {
        "key": "age",
        "kind": "choice",
        "wording": {"en": "How old are you?"},
        "options": [{"value": value, "label": {"en": value}} for value in ("young", "old")],
    }
]


def first_item(study: Study) -> Item:
    return Item.objects.filter(study=study).order_by("ref")[0]


def figures(study: Study, **options: Any) -> dict[str, Any]:
    return agreement(study=study, stage="response", **options)


def named(document: dict[str, Any]) -> set[str]:
    return {row["rater"] for row in document["raters"]}


def test_surplus_judgments_do_not_count_unless_asked_for() -> None:
    study = judged_pairs()
    say(peer_of(study, 9), first_item(study), "1", role="peer", is_surplus=True)

    assert "w9" not in named(figures(study))
    assert "w9" in named(figures(study, surplus="count"))


def test_raters_who_are_left_out_count_unless_asked_otherwise() -> None:
    study = judged_pairs()
    Exclusion.objects.create(rater=peer_of(study, 0), reason="guesses", by="r")

    assert "w0" in named(figures(study))
    assert named(figures(study)) - named(figures(study, raters="without_excluded")) == {"w0"}


def test_what_measures_the_rater_is_no_answer_about_the_item() -> None:
    study = judged_pairs()
    TaskItem.objects.filter(item=first_item(study)).update(purpose=Purpose.GOLD)

    assert (figures(study)["items"], figures(study)["self_consistency"]["n"]) == (5, 0)


def decide(study: Study, item: Item, value: str) -> Rater:
    """An expert decides about an item, seeing what others answered."""
    task = Task.objects.create(study=study, stage="response", purpose=Purpose.ADJUDICATION)
    TaskItem.objects.create(task=task, item=item, position=0)
    judgment = Judgment.objects.get(item=item, rater__ref="w0")
    judgment.pk, judgment.ref, judgment.task = None, "decided", task
    judgment.rater, judgment.role = peer_of(study, 8), "expert"
    judgment.answers = {"preference": value}
    judgment.save(force_insert=True)
    return judgment.rater


def test_whoever_saw_the_answers_of_others_agrees_with_nobody() -> None:
    study = judged_pairs()
    item = first_item(study)
    say(peer_of(study, 7), item, "1", role="expert")
    before = figures(study)
    decide(study, item, "2")

    found = figures(study)

    assert "expert-peer" in {row["group"] for row in before["groups"]}
    for of_agreement in ("alpha", "fleiss_kappa", "pairs", "groups"):
        assert found[of_agreement] == before[of_agreement]
    assert (before["added_answers"], found["added_answers"]) == (0, 1)


def test_decision_breaks_a_draw_and_can_be_the_reference() -> None:
    study = judged_pairs()
    item = first_item(study)
    Judgment.objects.filter(item=item, rater__ref="w0").update(answers={"preference": "1"})
    drawn = figures(study)["no_reference"]
    expert = decide(study, item, "1")

    assert (drawn, figures(study)["no_reference"]) == (1, 0)
    assert figures(study, reference=expert.ref)["labels"] == {"1": 1}


def test_answers_of_a_dry_run_are_told_apart() -> None:
    study = judged_pairs()
    assert figures(study)["simulated"] == {"answers": 0, "of": 12}
    Rater.objects.filter(study=study, ref="w0").update(extra={"simulated": 7})

    assert figures(study)["simulated"] == {"answers": 6, "of": 12}


def test_repeats_are_held_against_the_first_answer() -> None:
    study = judged_pairs()
    item = first_item(study)
    before = Judgment.objects.get(item=item, rater__ref="w0")
    task = TaskItem.objects.exclude(item=item)[0].task
    TaskItem.objects.create(task=task, item=item, position=7, purpose=Purpose.REPEAT)
    before.pk, before.ref, before.task = None, "again", task
    before.save(force_insert=True)

    found = figures(study)

    assert (found["items"], found["self_consistency"]["n"]) == (6, 1)
    assert found["self_consistency"]["value"] == 1.0


def test_intervals_go_by_the_person_whom_items_are_about() -> None:
    study = judged_pairs()

    assert figures(study)["intervals"]["clusters"] == 1
    assert "all of it is about one person" in {
        row["reason"] for row in figures(study)["no_interval"]
    }


def test_intervals_go_by_the_request_where_items_are_about_nobody() -> None:
    study = judged_pairs()
    for model in (Prompt, Response):
        model.objects.update(participant=None)

    made = figures(study)["intervals"]

    assert made["of"] == {"persons": 0, "requests": made["clusters"], "items": 0}
    assert made["clusters"] > 1


def test_unknown_choices_are_refused_with_a_sentence() -> None:
    study = judged_pairs(1)

    for options in ({"raters": "few"}, {"surplus": "some"}, {"by": "age"}):
        with pytest.raises(ValidationError):
            figures(study, **options)


def surveyed(young: int, old: int) -> Study:
    """Young and old people with a pair each, on which two peers agree."""
    study = make_study(stages={"response": {"rubric": PREFERENCE}}, survey=SURVEY)
    for number in range(young + old):
        person = make_participant(study, f"p{number}")
        age = "young" if number < young else "old"
        Participant.objects.filter(pk=person.pk).update(traits={"age": age})
    people = list(Participant.objects.filter(study=study).order_by("ref"))
    make_pairs(study, young + old)
    for person, item in zip(people, Item.objects.filter(study=study), strict=True):
        assert item.prompt
        item.prompt.participant = person
        item.prompt.save()
        for peer in range(2):
            say(peer_of(study, peer), item, "1", role="peer")
    return study


def test_groups_that_are_large_enough_have_figures_of_their_own() -> None:
    found = figures(surveyed(10, 11), by="age")["by"]

    assert [(row["group"], row["persons"], row["items"]) for row in found["groups"]] == [
        ("young", 10, 10), ("old", 11, 11)
    ]  # fmt: skip
    assert {"alpha", "groups", "intervals", "raters"} <= set(found["groups"][0])


def test_groups_name_no_person_in_what_is_undefined() -> None:
    study = surveyed(10, 11)
    lonely = Rater.objects.create(study=study, ref="anna@firm", kind="human")
    say(lonely, first_item(study), "2", role="peer")

    found = figures(study, by="age", resamples=20)

    assert "anna@firm" in str(found["undefined"])
    assert not any(name in str(found["by"]) for name in ("anna@firm", "w0", "w1"))


def test_a_small_group_is_not_told_and_cannot_be_worked_out() -> None:
    found = figures(surveyed(3, 12), by="age")["by"]

    assert (found["groups"], found["held_back"], found["least"]) == ([], 2, 10)


def test_groups_are_held_back_until_those_hidden_are_enough() -> None:
    assert shown_groups({"a": 30, "b": 12, "c": 4}) == ["a"]
    assert shown_groups({"a": 30, "b": 12, "c": 6, "d": 5}) == ["a", "b"]
    assert shown_groups({"a": 30, "b": 12}) == ["a", "b"]
    assert shown_groups({"a": 4}) == []


def test_extractors_are_held_to_what_owners_wrote_and_missed() -> None:
    study = make_study(stages={"extraction": {}})
    owner = make_participant(study)
    conversation = make_conversation(owner, "I grow roses and play the violin.", "Lovely.")
    make_attribute(conversation, "Grows roses", "grow roses", "a1")
    make_attribute(conversation, "Cultivates roses", "roses", "a2", author="owner")
    item = Item.objects.create(study=study, ref="m", stage="extraction", conversation=conversation)
    missed = Rater.objects.create(study=study, ref="o", kind="human", participant=owner)
    task = study.tasks.create(ref="t", stage="extraction", conversation=conversation)
    TaskItem.objects.create(task=task, item=item, position=0)
    Judgment.objects.create(
        study=study, stage="extraction", item=item, task=task, rater=missed, role="owner",
        rubric_version=1, answers={"missing": ["Plays the violin"]},
    )  # fmt: skip

    [row] = agreement(study=study, stage="extraction")["extractors"]

    assert (row["author"], row["matched"], row["reference"]) == ("llm:m", 1, 2)
    assert (row["precision"], row["recall"], row["intervals"]["recall"]) == (1.0, 0.5, None)
