"""A person with rows in every table that can lead to one, and words of their own in every text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.db import models

from annotation.models import Assignment, Draft, Exclusion, Rater, Skip, Task
from collection.unshared.models import (
    Donation,
    Redaction,
    ReplyEvent,
    UnsharedConversation,
    UnsharedTurn,
)
from generation.models import (
    Attribute,
    AttributeLink,
    GivenTurn,
    Profile,
    Selection,
    Verification,
)
from llm.actions.budgets import set_budget
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call
from releases.erasure.rules import KEPT
from releases.subjects import ABOUT, ids_about
from studies.models import Concern, Part, Participant, Payment, Study, User
from studies.recruitment.models import Entry, PanelIdentity
from tests.canaries import word
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
)
from work import queue
from work.models import JobResult, Revival

WORDS = 12
SHORTEST = 22
"""Characters of a column that can hold a word."""
NAMES = {"ref", "slug"}
"""Pseudonyms: releases and tombstones hold them, by design."""
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


@dataclass
class Planted:
    """A person, and the words that stand in their rows."""

    person: Participant
    rater: Rater
    words: list[str] = field(default_factory=lambda: [word() for _ in range(WORDS)])

    def next_word(self) -> Iterator[str]:
        return cycle(self.words)


def plant(study: Study, ref: str, other: "Planted | None" = None) -> Planted:
    """An invented person who did all that can be done; also judged what is `other`'s."""
    user = User.objects.create(username=f"user-{ref}")
    person = make_participant(
        study, ref, ("take_part", "peers", "publish_words", "publish_ratings"), user=user
    )
    planted = Planted(person, make_rater(study, person))
    _say_things(study, planted, ref)
    _keep_things_back(study, person)
    _leave_traces(study, person)
    if other is not None:
        _judge_for_others(study, planted, other)
    _write_words(planted)
    return planted


def _say_things(study: Study, planted: Planted, ref: str) -> None:
    person = planted.person
    conversation = make_conversation(study, person, ref=f"c-{ref}")
    attribute = make_attribute(study, person, f"a-{ref}", conversation=conversation)
    prompt = make_prompt(study, person, f"q-{ref}")
    first = make_response(prompt, f"r1-{ref}", "Anywhere.")
    second = make_response(prompt, f"r2-{ref}", "Here.", "relevant_attributes", [attribute])
    turn = conversation.turns.get(position=0, edition=1)
    GivenTurn.objects.create(response=second, turn=turn, position=0)
    Selection.objects.create(
        study=study, prompt=prompt, attribute=attribute, source="owner", value=True
    )
    _look_twice(study, attribute, ref)
    items = [
        make_item(study, "extraction", f"i1-{ref}", attribute=attribute),
        make_item(study, "extraction", f"i2-{ref}", conversation=conversation),
        make_item(study, "relevance", f"i3-{ref}", attribute=attribute, prompt=prompt),
        make_item(study, "response", f"i4-{ref}", prompt=prompt, first=first, second=second),
    ]
    machine = make_judge(study, f"judge-{ref}")
    for item in items:
        judge(item, planted.rater, {"note": "x"}, role="owner")
        judge(item, machine, {"note": "x"}, role="llm")
        Skip.objects.create(
            study=study, item=item, task=item.task_items.get().task, rater=machine, reason="x"
        )
    Exclusion.objects.create(rater=planted.rater, reason="x", by="x")
    Task.objects.filter(task_items__item__in=items).update(subject=person)
    for task in Task.objects.filter(subject=person):
        place = _place(study, task, planted.rater, "owner", subject=person)
        Draft.objects.create(assignment=place, rater=planted.rater, fence=place.fence)


def _look_twice(study: Study, attribute: Attribute, ref: str) -> None:
    person = attribute.participant
    assert person is not None
    again = make_attribute(study, person, f"b-{ref}")
    AttributeLink.objects.create(
        study=study, attribute=again, other=attribute, kind="duplicate", replaces=True, author="x"
    )
    Verification.objects.create(attribute=again, author="x", is_supported=True)
    Profile.objects.create(study=study, participant=person, text="x", author="x")


def _place(study: Study, task: Task, rater: Rater, role: str, **fields: Any) -> Assignment:
    return Assignment.objects.create(
        study=study, task=task, stage=task.stage, role=role, place=1, rank=1, state="done",
        rater=rater, order=[0], **fields,
    )  # fmt: skip


def _keep_things_back(study: Study, person: Participant) -> None:
    donation = Donation.objects.create(participant=person, format="chatgpt", size=1, found=1)
    conversation = UnsharedConversation.objects.create(
        study=study, participant=person, source="live", donation=donation
    )
    turn = UnsharedTurn.objects.create(conversation=conversation, position=0, role="user")
    ReplyEvent.objects.create(turn=turn, sequence=1, text="x")
    Redaction.objects.create(turn=turn, start=0, end=1, kind="name", origin="owner")


def _leave_traces(study: Study, person: Participant) -> None:
    Part.objects.create(participant=person, name="survey")
    Concern.objects.create(study=study, participant=person, text="x")
    Entry.objects.create(study=study, participant=person, visitor=f"v-{person.ref}")
    PanelIdentity.objects.create(
        participant=person, study=study, panel="p", digest=f"d-{person.ref}", sealed=b"x"
    )
    Payment.objects.create(
        study=study, participant=person, kind="bonus", amount=1, currency="EUR", reason="x"
    )
    Call.objects.create(
        endpoint=baseline_endpoint(), scope=study.scope, subject=person.pk, purpose="extraction",
        model_asked="m", prompt_version="1", raw_response="x", request_digest="x",
    )  # fmt: skip
    job = queue.enqueue(
        kind="extraction", key={"p": str(person.pk)}, payload={"p": str(person.pk)},
        scope=study.scope, subject=person.pk,
    )  # fmt: skip
    JobResult.objects.create(job=job, attempt=1, outcome="x", value={})
    Revival.objects.create(job=job, by="x", reason="x", attempt=1)
    set_budget(scope=f"participant:{person.pk}", max_calls=9, max_cost=None, by="x")
    attribute = Attribute.objects.get(ref=f"a-{person.ref}", study=study)
    assert person.user is not None
    LogEntry.objects.create(
        user=person.user,
        content_type=ContentType.objects.get_for_model(Attribute),
        object_id=str(attribute.pk), object_repr="x", action_flag=CHANGE, change_message="x",
    )  # fmt: skip


def _judge_for_others(study: Study, planted: Planted, other: Planted) -> None:
    attribute = Attribute.objects.get(ref=f"a-{other.person.ref}", study=study)
    item = make_item(study, "extraction", f"by-{planted.person.ref}", attribute=attribute)
    judge(item, planted.rater, {"note": "x"})
    task = add_to_task(item, f"t2-{item.ref}")
    place = _place(study, task, planted.rater, "peer", subject=other.person)
    Draft.objects.create(assignment=place, rater=planted.rater, fence=place.fence)
    judge(item, planted.rater, {"note": "x"}, task=task, ref=f"j2-{item.ref}")


# -- Words into every text -----------------------------------------------------


def _write_words(planted: Planted) -> None:
    words = planted.next_word()
    for label in ABOUT:
        for key in ids_about(label, planted.person.pk):
            write_words(apps.get_model(label), key, words)
    owned: dict[str, dict[str, Any]] = {
        "llm.Call": {"subject": planted.person.pk},
        "llm.Budget": {"scope": f"participant:{planted.person.pk}"},
        "work.Job": {"subject": planted.person.pk},
        "work.JobResult": {"job__subject": planted.person.pk},
        "work.Revival": {"job__subject": planted.person.pk},
        "studies.User": {"pk": planted.person.user_id},
        "admin.LogEntry": {"user": planted.person.user_id},
    }
    for label, condition in owned.items():
        model: Any = apps.get_model(label)
        for key in model.objects.filter(**condition).values_list("pk", flat=True):
            write_words(model, key, words)
    Payment.objects.filter(participant=planted.person).update(reason=next(words))
    session = SessionStore()
    session["participants"] = [str(planted.person.pk)]
    session["note"] = next(words)
    session.save()
    for donation in Donation.objects.filter(participant=planted.person):
        _write_file(settings.DONATIONS_DIR / str(donation.pk) / "file", next(words))


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text)


def write_words(model: Any, key: Any, words: Iterator[str]) -> None:
    """Put a word into every column of a row that can hold one."""
    values = {one.name: _value(one, next(words)) for one in texts_of(model)}
    if values:
        model._base_manager.filter(pk=key).update(**values)


def texts_of(model: Any) -> list[Any]:
    """The columns of a table that can hold a sentence."""
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(
            one, models.CharField | models.TextField | models.JSONField | models.BinaryField
        )
        and not one.choices
        and not one.is_relation
        and one.name not in NAMES
        and f"{model._meta.label}.{one.name}" not in KEPT
        and one.name not in KEPT_AS_IS.get(model._meta.label, ())
        and (not one.max_length or one.max_length >= SHORTEST)
    ]


KEPT_AS_IS = {
    "annotation.Assignment": {"order"},
    "llm.Budget": {"scope"},
    "work.Job": {"payload", "scope", "kind"},
    "generation.Selection": {"source"},
    "admin.LogEntry": {"object_id"},
    "studies.Part": {"name"},
    "annotation.Judgment": {"arm"},
}
"""Columns that the site itself reads."""


def _value(one: Any, text: str) -> Any:
    if one.name == "before":
        return [{"role": "user", "content": text}]
    if one.name in ("model_names", "endpoints", "flags"):
        return [text]
    if isinstance(one, models.JSONField):
        return {"note": text}
    return text.encode() if isinstance(one, models.BinaryField) else text
