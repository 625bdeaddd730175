"""Screens of a judge without a database: what is shown, and names that must not be."""

from functools import cache
from typing import Any

from annotation.judging import schema_for
from annotation.models import Item, Task
from annotation.rubrics.answers import Targets
from annotation.rubrics.document import Rubric, parse_rubric
from annotation.rubrics.loading import load_default
from annotation.screens import Screen, ShownItem, Span
from collection.models import Conversation, Turn
from generation.models import Attribute, Prompt, Response
from llm.exchange import Prompt as Question
from studies.models import Study

SECRETS = ("ref-of", "relevant_attributes", "gpt-secret", "owner-arm", "generic")
"""What stands in the rows' own names, strategies and models."""


@cache
def rubric_for(stage: str) -> Rubric:
    """The stage's default."""
    return parse_rubric(load_default(stage))


def _task(stage: str, **about: Any) -> Task:
    study = Study(slug="alps", document={"languages": ["en"]})
    return Task(study=study, stage=stage, ref="ref-of-task", **about)


def pair_screen(personal: str, plain: str, *, is_swapped: bool = False, number: int = 0) -> Screen:
    """Two responses, the personal one stored first, with what its generator was given."""
    prompt = Prompt(ref=f"ref-of-prompt-{number}", text="What could I cook tonight?")
    first = Response(
        ref=f"ref-of-response-{number}-a", text=personal,
        strategy="relevant_attributes:owner-arm", model="gpt-secret",
    )  # fmt: skip
    second = Response(
        ref=f"ref-of-response-{number}-b", text=plain, strategy="generic", model="gpt-secret"
    )
    responses = (second, first) if is_swapped else (first, second)
    given = Attribute(ref="ref-of-attribute", text="Was given to one of them")
    item = Item(ref=f"ref-of-item-{number}", stage="response", first=first, second=second)
    return _screen(
        _task("response", prompt=prompt),
        [_shown(item, responses=responses, given=(given,))],
        is_swapped,
    )


def attribute_screen(stage: str, *texts: str) -> Screen:
    """Attributes in the light of a prompt, or of a conversation that says all of them."""
    items = [
        _shown(
            Item(ref=f"ref-of-item-{n}", stage=stage, attribute_id=Attribute().pk),
            attribute=Attribute(ref=f"ref-of-attribute-{n}", text=text),
            evidence=(Span(2 * n, 0, 1),),
        )
        for n, text in enumerate(texts)
    ]
    if stage == "relevance":
        prompt = Prompt(ref="ref-of-prompt", text="What could I cook tonight?")
        return _screen(_task(stage, prompt=prompt), items)
    turns = [Turn(position=2 * n, role="user", content=text) for n, text in enumerate(texts)]
    task = _task(stage, conversation=Conversation(ref="ref-of-conversation"))
    return _screen(task, items, turns=tuple(turns))


def _shown(item: Item, **shown: Any) -> ShownItem:
    responses, given = shown.get("responses", ()), shown.get("given", ())
    targets = Targets(
        responses=tuple(row.ref for row in responses), attributes=tuple(row.ref for row in given)
    )
    return ShownItem(
        item=item,
        purpose="main",
        expected=None,
        rubric=rubric_for(item.stage),
        targets=targets,
        attribute=shown.get("attribute"),
        evidence=shown.get("evidence", ()),
        responses=responses,
        given=given,
    )


def _screen(
    task: Task, items: list[ShownItem], is_swapped: bool = False, turns: tuple[Turn, ...] = ()
) -> Screen:
    return Screen(
        task=task,
        role="llm",
        rubric=rubric_for(task.stage),
        is_swapped=is_swapped,
        order=tuple(range(len(items))),
        turns=turns,
        items=tuple(items),
    )


def request_of(screen: Screen, question: Question) -> dict[str, Any]:
    """What a model is sent."""
    shape = {"json_schema": {"schema": schema_for(screen)}}
    return {"messages": question.messages, "response_format": shape}
