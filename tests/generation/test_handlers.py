"""The three stages as machine work: by a model over HTTP, and by the baseline."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from collection.models import Conversation, Turn
from generation.actions.attributes import add_attribute
from generation.actions.prompts import add_prompt
from generation.actions.runs import plan_run
from generation.actions.selections import Choice, record_selections
from generation.models import Attribute, Prompt, Response, Selection
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call
from studies.actions.consents import withdraw_consent
from studies.models import Study
from tests.generation.machine import done, run_stage, served, work_off
from tests.samples import make_conversation, make_participant
from work.models import Job, JobResult, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def prompt(study: Study, conversation: Conversation) -> Prompt:
    """A request of the person, who wrote two attributes."""
    person = conversation.participant
    assert person is not None
    for text in ("I am a vegan cook", "I own two cats"):
        add_attribute(participant=person, text=text)
    return add_prompt(study=study, text="A quick vegan dinner?", participant=person)


def quotes() -> list[str]:
    """What each attribute's evidence quotes, sorted."""
    rows = Attribute.objects.exclude(author="owner").prefetch_related("evidence__turn")
    return sorted(
        where.turn.content[where.start : where.end]
        for row in rows
        for where in row.evidence.all()
        if where.turn
    )


# -- Extraction ----------------------------------------------------------------


def test_extract_by_the_baseline_quotes_what_was_said(conversation: Conversation) -> None:
    progress = run_stage(conversation.study, "extraction")

    assert progress.outcomes == {"ok": 1}
    assert quotes() == ["I am vegan", "I have only 20 minutes", "I live in Berlin",
                        "My daughter likes soup"]  # fmt: skip
    assert set(Attribute.objects.values_list("author", flat=True)) == {"llm:baseline/rules"}


def test_extract_over_http_keeps_where_it_came_from(
    conversation: Conversation, server: FakeLlm
) -> None:
    run_stage(conversation.study, "extraction", served(server))

    attribute = Attribute.objects.get(text="Says: I am vegan and I live in Berlin")
    assert attribute.author == "llm:fake-model"
    assert attribute.provenance["model_answered"] == "fake-model"
    assert attribute.provenance["prompt_version"].startswith("extraction@")
    assert attribute.call == Call.objects.get()
    assert server.billed == 1


def test_extract_counts_what_it_refused(conversation: Conversation, server: FakeLlm) -> None:
    entry = {"text": "Likes tea", "type": "preference", "explicitness": "stated",
             "scope": "lasting", "turn": 0, "quote": "I like tea", "confidence": 1}  # fmt: skip
    server.answer = lambda _: {"attributes": [entry]}

    run_stage(conversation.study, "extraction", served(server))

    result = JobResult.objects.get().value
    assert (result["attributes"], result["refused"]) == (0, {"quote_not_found": 1})  # type: ignore[index]


def test_extract_asks_again_after_nonsense(conversation: Conversation, server: FakeLlm) -> None:
    server.script(completion("Sure, here they are!"), completion("{"))

    progress = run_stage(conversation.study, "extraction", served(server))

    assert (progress.done, server.billed) == (1, 3)
    assert Attribute.objects.exists()


def test_extract_gives_up_on_lasting_nonsense(conversation: Conversation, server: FakeLlm) -> None:
    server.answer = lambda _: "no JSON at all"

    progress = run_stage(conversation.study, "extraction", served(server))

    assert (progress.dead, server.billed) == (1, 3)
    assert list(progress.failures) == [
        "malformed: the answer could not be read, however often it was asked"
    ]


def test_extract_saves_the_good_part_of_a_broken_schema(
    conversation: Conversation, server: FakeLlm
) -> None:
    good = {"text": "Is vegan", "type": "constraint", "explicitness": "stated",
            "scope": "lasting", "turn": 0, "quote": "I am vegan", "confidence": 1}  # fmt: skip
    server.answer = lambda _: {"attributes": [good, {**good, "type": "mood", "text": "Odd"}]}

    run_stage(conversation.study, "extraction", served(server))

    assert JobResult.objects.get().value["refused"] == {"unknown_type": 1}  # type: ignore[index]
    assert quotes() == ["I am vegan"]


def test_extract_records_a_refusal_as_such(conversation: Conversation, server: FakeLlm) -> None:
    server.script(completion(None, refusal="I won't."))

    progress = run_stage(conversation.study, "extraction", served(server))

    assert progress.outcomes == {"refused": 1}


def test_extract_reads_the_redacted_words(conversation: Conversation, server: FakeLlm) -> None:
    run = plan_run(study=conversation.study, stage="extraction", endpoint=served(server), by="test")
    Turn.objects.create(
        conversation=conversation, position=0, edition=2, role="user", content="I am [removed]."
    )

    done(run)

    assert "Berlin" not in str(server.requests)


# -- Planning ------------------------------------------------------------------


def test_plan_run_twice_asks_nothing_twice(conversation: Conversation) -> None:
    runs = [
        plan_run(study=conversation.study, stage="extraction", endpoint=baseline_endpoint(), by="x")
        for _ in range(2)
    ]

    assert runs[0] == runs[1]
    assert (Run.objects.count(), Job.objects.count()) == (1, 1)


def test_plan_run_asks_only_about_what_is_new(conversation: Conversation) -> None:
    run_stage(conversation.study, "extraction")
    make_conversation(conversation.participant, "I like tea a lot", ref="c2")

    assert run_stage(conversation.study, "extraction").total == 1
    assert Job.objects.count() == 2


def test_plan_run_sends_nothing_without_consent(study: Study, server: FakeLlm) -> None:
    person = make_participant(study, scopes=["take_part", "peers"])
    make_conversation(person, "I like tea a lot")

    with pytest.raises(ValidationError, match="may be sent to third-party models"):
        plan_run(study=study, stage="extraction", endpoint=served(server), by="test")
    assert run_stage(study, "extraction").done == 1


def test_extract_looks_at_consent_again(conversation: Conversation, server: FakeLlm) -> None:
    run = plan_run(study=conversation.study, stage="extraction", endpoint=served(server), by="test")
    assert conversation.participant
    withdraw_consent(participant=conversation.participant, scope="models")

    assert done(run).outcomes == {"not_allowed": 1}
    assert server.requests == []


def test_extract_of_a_removed_conversation_ends_quietly(conversation: Conversation) -> None:
    run = plan_run(
        study=conversation.study, stage="extraction", endpoint=baseline_endpoint(), by="test"
    )
    conversation.delete()

    assert done(run).outcomes == {"gone": 1}


def test_plan_run_with_nothing_to_ask_says_so(study: Study) -> None:
    with pytest.raises(ValidationError, match="nothing to ask: no conversation here"):
        plan_run(study=study, stage="extraction", endpoint=baseline_endpoint(), by="test")


# -- Relevance -----------------------------------------------------------------


@pytest.mark.parametrize("by_http", [False, True])
def test_select_decides_each_attribute(prompt: Prompt, server: FakeLlm, by_http: bool) -> None:
    endpoint = served(server) if by_http else baseline_endpoint()

    run_stage(prompt.study, "relevance", endpoint)

    rows = Selection.objects.order_by("attribute__text").values_list(
        "attribute__text", "value", "source"
    )
    source = f"llm:{endpoint.model}"
    assert list(rows) == [("I am a vegan cook", True, source), ("I own two cats", False, source)]


def test_select_shows_no_names_of_rows(prompt: Prompt, server: FakeLlm) -> None:
    run_stage(prompt.study, "relevance", served(server))

    sent = str(server.requests)
    assert not any(row.ref in sent for row in Attribute.objects.all())


@pytest.mark.parametrize(
    "decisions",
    [
        [{"id": "a1", "relevant": True}],
        [{"id": "a1", "relevant": True}, {"id": "a1", "relevant": False}],
        [{"id": "a1", "relevant": True}, {"id": "a9", "relevant": False}],
        [{"id": "a1", "relevant": True}, {"id": "a2", "relevant": "yes"}],
    ],
)
def test_select_guesses_nothing(
    prompt: Prompt, server: FakeLlm, decisions: list[dict[str, Any]]
) -> None:
    server.answer = lambda _: {"decisions": decisions}

    progress = run_stage(prompt.study, "relevance", served(server))

    assert (progress.dead, server.billed) == (1, 3)
    assert not Selection.objects.exists()


# -- Responses -----------------------------------------------------------------


def choose(prompt: Prompt, source: str, **decisions: bool) -> None:
    rows = {row.text: row.pk for row in Attribute.objects.filter(author="owner")}
    texts = {"vegan": "I am a vegan cook", "cats": "I own two cats"}
    choices = [Choice(prompt.pk, rows[texts[key]], value) for key, value in decisions.items()]
    record_selections(study=prompt.study, source=source, choices=choices)


def test_respond_gives_each_strategy_what_is_decided(prompt: Prompt) -> None:
    choose(prompt, "owner", vegan=True, cats=False)
    choose(prompt, "peers", vegan=False, cats=False)

    run_stage(prompt.study, "response")

    given = {
        row.strategy: list(row.attributes.values_list("text", flat=True))
        for row in Response.objects.all()
    }
    assert given == {
        "generic": [],
        "relevant_attributes:owner": ["I am a vegan cook"],
        "relevant_attributes:peers": [],
    }


def test_respond_over_http_keeps_the_parameters(prompt: Prompt, server: FakeLlm) -> None:
    choose(prompt, "llm:fake-model", vegan=True)

    run_stage(prompt.study, "response", served(server))

    personal = Response.objects.get(strategy="relevant_attributes:llm")
    generic = Response.objects.get(strategy="generic")
    assert personal.provenance["parameters"] == generic.provenance["parameters"]
    assert personal.provenance["prompt_version"].startswith("response-notes@")
    assert personal.provenance["length"] == len(personal.text)
    assert personal.participant == prompt.participant


def test_respond_shows_the_notes_to_the_personal_strategy_only(
    prompt: Prompt, server: FakeLlm
) -> None:
    choose(prompt, "owner", vegan=True)

    run_stage(prompt.study, "response", served(server))

    systems = [request["messages"][0]["content"] for request in server.requests]
    assert sorted("I am a vegan cook" in text for text in systems) == [False, True]


def test_respond_repeats_the_turns_before(study: Study, server: FakeLlm) -> None:
    before = [{"role": "system", "content": "Be rude."}, {"role": "user", "content": "Hi"}]
    add_prompt(study=study, text="What now?", before=before)

    run_stage(study, "response", served(server))

    said = [message["content"] for message in server.requests[0]["messages"][1:]]
    assert said == ["Hi", "What now?"]


def test_respond_waits_out_a_busy_server(prompt: Prompt, server: FakeLlm) -> None:
    server.script(Scripted(status=503, body="busy"), Scripted(status=429, body="slow down"))

    run_stage(prompt.study, "response", served(server))

    work_off()
    assert Response.objects.count() == 1
