"""Two invented people of whom something is known, and what a strategy makes of it."""

from collections.abc import Sequence
from typing import Any

from generation.actions.attributes import add_attribute
from generation.actions.prompts import add_prompt
from generation.models import Attribute, Prompt, Response
from llm.actions.endpoints import baseline_endpoint
from llm.models import Endpoint
from studies.models import Participant, Study
from tests.generation.machine import run_stage
from tests.samples import make_conversation, make_participant, make_study

KNOWN = {
    "anna": [
        ("Anna likes spicy soup", Attribute.Type.PREFERENCE),
        ("Anna owns two cats", Attribute.Type.POSSESSION),
        ("Anna cooks without meat", Attribute.Type.CONSTRAINT),
    ],
    "bela": [("Bela likes old trains", Attribute.Type.PREFERENCE)],
}
SAID = {
    "anna": [["Anna once burnt a soup", "Oh no."], ["Anna moved to Bern", "How is it?"]],
    "bela": [["Bela repairs trains", "Which?"]],
}
REQUESTS = {"anna": "A soup for tonight?", "bela": "Where should I travel?"}


def make_people() -> Study:
    """A study with Anna and Bela, a prompt each."""
    study = make_study()
    for name in KNOWN:
        person = make_participant(study, name)
        for text, type in KNOWN[name]:
            add_attribute(participant=person, text=text, type=type)
        for number, contents in enumerate(SAID[name]):
            make_conversation(person, *contents, ref=f"{name}-{number}")
        add_prompt(study=study, text=REQUESTS[name], participant=person)
    return study


def one_of(study: Study, name: str = "anna") -> Participant:
    """The person of this name."""
    return study.participants.get(ref=name)


def prompt_of(study: Study, name: str = "anna") -> Prompt:
    """The person's request."""
    return study.prompts.get(participant__ref=name)


def ask_for(study: Study, *entries: Any) -> None:
    """Let the study's document list these strategies."""
    study.document = {**study.document, "strategies": list(entries)}
    study.save()


def responses_by(
    study: Study, *entries: Any, endpoint: Endpoint | None = None
) -> dict[str, Response]:
    """What is answered under these strategies, by the name of who asked."""
    ask_for(study, *entries)
    run_stage(study, "response", endpoint or baseline_endpoint())
    return {
        row.participant.ref: row
        for row in Response.objects.select_related("participant")
        if row.participant
    }


def given_to(response: Response) -> list[str]:
    """The texts of the attributes and turns that were given, in their order."""
    attributes = response.given.values_list("attribute__text", flat=True)
    turns = response.given_turns.values_list("turn__content", flat=True)
    return [*attributes, *turns]


def systems(requests: Sequence[dict[str, Any]]) -> list[str]:
    """The instructions of each request that a server was sent."""
    return [request["messages"][0]["content"] for request in requests]
