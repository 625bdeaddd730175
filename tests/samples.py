"""Studies for tests, small and without surprises. Everybody in them is invented."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models.functions import Now

from annotation.actions.tasks import open_tasks
from collection.models import Conversation, Turn
from generation.models import Attribute, Evidence, Prompt, Response
from studies.actions.studies import load_study
from studies.models import Consent, ConsentScope, Participant, Study

ALL_SCOPES = tuple(ConsentScope.values)

PREFERENCE: dict[str, Any] = {
    "version": 1,
    "questions": [
        {
            "key": "preference",
            "kind": "pairwise",
            "scale": "nominal",
            "options": [
                {"value": "1", "favours": "first", "label": {"en": "The first"}},
                {"value": "2", "favours": "second", "label": {"en": "The second"}},
                {"value": "tie", "favours": "none", "label": {"en": "About equal"}},
            ],
            "wording": {"peer": {"en": "Which answer is better?"}},
        }
    ],
}


def make_study(
    slug: str = "alps", stages: Mapping[str, Any] | None = None, **document: Any
) -> Study:
    """A study loaded from a document, with all three stages unless told otherwise."""
    chosen = {"extraction": {}, "relevance": {}, "response": {}} if stages is None else stages
    whole = {"slug": slug, "title": {"en": slug}, "stages": dict(chosen), **document}
    return load_study(document=whole, by=None)


def close_studies() -> None:
    """All there are."""
    Study.objects.update(state="closed", closed_at=Now())


def make_participant(
    study: Study, ref: str = "p1", scopes: Sequence[str] = ALL_SCOPES
) -> Participant:
    """An invented person who allowed these scopes."""
    participant = Participant.objects.create(
        study=study, ref=ref, basis="none", traits={"invented": True}
    )
    Consent.objects.bulk_create(
        Consent(participant=participant, scope=scope, version="1") for scope in scopes
    )
    return participant


def make_conversation(
    participant: Participant | None, *contents: str, study: Study | None = None, ref: str = "c1"
) -> Conversation:
    """User and assistant in turns, the user first."""
    conversation = Conversation.objects.create(
        study=study or participant.study,  # type: ignore[union-attr]
        participant=participant,
        ref=ref,
        source="imported",
    )
    Turn.objects.bulk_create(
        Turn(
            conversation=conversation,
            position=position,
            role="assistant" if position % 2 else "user",
            content=content,
        )
        for position, content in enumerate(contents)
    )
    return conversation


def make_attribute(
    conversation: Conversation, text: str, quote: str, ref: str = "a1", author: str = "llm:m"
) -> Attribute:
    """An attribute whose evidence is the first place where the quote stands."""
    attribute = Attribute.objects.create(
        study=conversation.study,
        participant=conversation.participant,
        ref=ref,
        text=text,
        author=author,
    )
    turn = next(turn for turn in conversation.turns_at() if quote in turn.content)
    start = turn.content.index(quote)
    Evidence.objects.create(
        attribute=attribute,
        conversation=conversation,
        turn=turn,
        start=start,
        end=start + len(quote),
    )
    return attribute


def make_pairs(study: Study, count: int, participant: Participant | None = None) -> None:
    """Prompts with a generic and another response each, opened as tasks of stage 3."""
    prompts = [
        Prompt(study=study, participant=participant, ref=f"q{n:04}", text=f"Request {n}")
        for n in range(count)
    ]
    Prompt.objects.bulk_create(prompts)
    Response.objects.bulk_create(
        Response(
            study=study,
            participant=participant,
            prompt=prompt,
            ref=f"{prompt.ref}-{strategy}",
            strategy=strategy,
            model="m",
            text=f"A {strategy} answer to {prompt.text}",
        )
        for prompt in prompts
        for strategy in ("generic", "all")
    )
    open_tasks(study=study, stage="response")


def pairwise_study(count: int, places: int = 3, slug: str = "alps") -> Study:
    """A study of `count` tasks of one pair each, judged by so many peers."""
    stage = {"overlap": {"peer": places}, "rubric": PREFERENCE}
    study = make_study(slug, {"response": stage})
    make_pairs(study, count)
    return study
