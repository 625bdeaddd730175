"""Rows for tests: plain functions, each makes what its name says and nothing more.

People made here are invented. Texts default to something readable, refs to something short.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from annotation.choices import Stage
from annotation.models import Item, Judgment, Rater, RubricVersion, Task, TaskItem
from annotation.rubrics.loading import load_default
from collection.models import Conversation, Turn
from generation.models import Attribute, Evidence, GivenAttribute, Prompt, Response
from studies.models import Consent, Participant, Study

PUBLISHABLE = ("take_part", "publish_words", "publish_ratings")
SUBMITTED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def make_study(
    slug: str = "alps", rubrics: Mapping[str, Mapping[str, Any]] | None = None, **document: Any
) -> Study:
    """A study with version 1 of each stage's default rubric, or of those given."""
    study = Study.objects.create(
        slug=slug, ref=slug, document={"slug": slug, "title": {"en": "Alps"}} | document
    )
    for stage in Stage.values:
        rubric = (rubrics or {}).get(stage) or load_default(stage)
        RubricVersion.objects.create(
            study=study, stage=stage, version=rubric["version"], document=rubric
        )
    return study


def make_participant(
    study: Study, ref: str, scopes: Sequence[str] = PUBLISHABLE, **fields: Any
) -> Participant:
    """A person who allowed these scopes and has withdrawn none."""
    person = Participant.objects.create(study=study, ref=ref, **fields)
    Consent.objects.bulk_create(
        Consent(participant=person, scope=scope, version="1", given_at=SUBMITTED)
        for scope in scopes
    )
    return person


def withdraw(person: Participant, *scopes: str) -> None:
    """The person takes these scopes back."""
    person.consents.filter(scope__in=scopes).update(withdrawn_at=SUBMITTED)


def make_conversation(
    study: Study,
    person: Participant | None,
    contents: Sequence[str] = ("I live near Bern.", "A fine place."),
    ref: str = "c1",
) -> Conversation:
    """A conversation of alternating turns, the person's first."""
    conversation = Conversation.objects.create(
        study=study, ref=ref, participant=person, source="donated", model_names=["gpt-x"]
    )
    for position, content in enumerate(contents):
        Turn.objects.create(
            conversation=conversation,
            position=position,
            role="assistant" if position % 2 else "user",
            content=content,
        )
    return conversation


def make_attribute(
    study: Study,
    person: Participant | None,
    ref: str = "a1",
    text: str = "Lives near Bern.",
    conversation: Conversation | None = None,
    span: tuple[int, int] = (2, 16),
) -> Attribute:
    """An attribute by a model; with a conversation, found in this span of its first turn."""
    attribute = Attribute.objects.create(
        study=study,
        ref=ref,
        participant=person,
        text=text,
        author="llm:gpt-x",
        provenance={"endpoint": "main", "prompt_version": "extract-1"},
    )
    if conversation is not None:
        turn = conversation.turns.get(position=0, edition=1)
        Evidence.objects.create(
            attribute=attribute, conversation=conversation, turn=turn, start=span[0], end=span[1]
        )
    return attribute


def make_prompt(
    study: Study, person: Participant | None, ref: str = "q1", text: str = "Where can I hike?"
) -> Prompt:
    """A prompt without turns before it."""
    return Prompt.objects.create(study=study, ref=ref, participant=person, text=text)


def make_response(
    prompt: Prompt,
    ref: str = "r1",
    text: str = "Try the Gurten.",
    strategy: str = "generic",
    given: Sequence[Attribute] = (),
) -> Response:
    """A model's response for the person who asked, made with these attributes."""
    response = Response.objects.create(
        study=prompt.study,
        ref=ref,
        prompt=prompt,
        participant=prompt.participant,
        strategy=strategy,
        model="gpt-x",
        text=text,
        provenance={"endpoint": "main", "prompt_version": "respond-1"},
    )
    for position, attribute in enumerate(given):
        GivenAttribute.objects.create(response=response, attribute=attribute, position=position)
    return response


def make_item(study: Study, stage: str, ref: str = "i1", **about: Any) -> Item:
    """An item with a task of its own, in which it is to be decided."""
    item = Item.objects.create(
        study=study, stage=stage, ref=ref, content_digest=f"digest-{ref}", **about
    )
    add_to_task(item, f"t-{ref}")
    return item


def add_to_task(item: Item, ref: str, purpose: str = "main") -> Task:
    """A new task that shows this item alone."""
    task = Task.objects.create(study=item.study, stage=item.stage, ref=ref, prompt=item.prompt)
    TaskItem.objects.create(task=task, item=item, position=0, purpose=purpose)
    return task


def make_rater(study: Study, person: Participant) -> Rater:
    """The person as a rater; their own if they have rated before."""
    rater, _is_new = Rater.objects.get_or_create(
        study=study, participant=person, defaults={"kind": "human", "ref": f"w-{person.ref}"}
    )
    return rater


def make_judge(study: Study, ref: str = "careful", model: str = "gpt-x") -> Rater:
    """A model as a rater."""
    return Rater.objects.create(
        study=study, ref=ref, kind="llm", model=model, prompt_version="judge-1"
    )


def judge(
    item: Item, rater: Rater, answers: Mapping[str, Any] | None, role: str = "peer", **fields: Any
) -> Judgment:
    """A judgment of the item in its first task; without answers an unusable one."""
    given = {
        "ref": f"j-{item.ref}-{rater.ref}",
        "task": item.task_items.order_by("task__ref")[0].task,
        "rubric_version": 1,
        "submitted_at": SUBMITTED,
    } | fields
    return Judgment.objects.create(
        study=item.study,
        stage=item.stage,
        item=item,
        rater=rater,
        role=role,
        answers=answers,
        is_usable=answers is not None,
        **given,
    )
