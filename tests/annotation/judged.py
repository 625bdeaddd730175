"""Pairs of responses with judgments of invented people and models."""

from annotation.models import Item, Judgment, Rater, RubricVersion
from generation.models import Response
from studies.models import Study
from tests.samples import PREFERENCE, make_pairs, make_participant, make_study

MODEL = "m"


def judged_pairs(count: int = 6, people: int = 2) -> Study:
    """A judge that always prefers what stands first, one that prefers the longer, and peers.

    Two persons are asked about; every second pair's first response is longer. Peers agree with
    the longer one. The first judge has one answer that nobody could read.
    """
    study = make_study(stages={"response": {"rubric": PREFERENCE}}, judges=[{"name": "top"}])
    make_pairs(study, count, make_participant(study))
    items = list(Item.objects.filter(study=study).order_by("ref"))
    for number, item in enumerate(items):
        longer = item.first if number % 2 else item.second
        assert longer
        Response.objects.filter(pk=longer.pk).update(text="A long answer. " * 20)
    top, length = judge_of(study, "top"), judge_of(study, "length", model="other")
    for number, item in enumerate(items):
        say(top, item, "1")
        say(top, item, "2", is_swapped=True)
        for is_swapped in (False, True):
            say(length, item, "1" if number % 2 else "2", is_swapped=is_swapped)
        for peer in range(people):
            say(peer_of(study, peer), item, "1" if number % 2 else "2", role="peer")
    say(top, items[0], None, sample=1)
    return study


def judge_of(study: Study, name: str, model: str = MODEL) -> Rater:
    """A model as a rater."""
    return Rater.objects.create(study=study, ref=f"llm:{name}:0123abcd", kind="llm", model=model)


def peer_of(study: Study, number: int) -> Rater:
    """A person as a rater, made at first use."""
    rater, _ = Rater.objects.get_or_create(study=study, ref=f"w{number}", kind="human")
    return rater


def say(rater: Rater, item: Item, value: str | None, role: str = "llm", **changes: object) -> None:
    """One judgment, in the item's own order; None is nothing readable."""
    task_item = item.task_items.get()
    Judgment.objects.create(
        study=item.study,
        stage=item.stage,
        item=item,
        task=task_item.task,
        rater=rater,
        role=role,
        rubric_version=RubricVersion.objects.get(study=item.study, stage=item.stage).version,
        answers=None if value is None else {"preference": value},
        is_usable=value is not None,
        **changes,
    )
