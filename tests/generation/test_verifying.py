"""A second look at what was extracted: supported or with which fault, and what becomes of it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from annotation.rubrics.loading import load_default
from bench.fakellm.server import FakeLlm
from collection.models import Conversation, Turn
from generation import verifying
from generation.actions.remembering import forget_attribute, remember_attribute
from generation.actions.runs import plan_run
from generation.extraction_document import extraction_faults, stage_endpoint
from generation.models import Attribute, AttributeLink, Verification
from generation.verifying import InvalidRevision, InvalidVerdict
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call
from studies.actions.consents import withdraw_consent
from tests.generation.machine import done, run_stage, served
from tests.samples import make_attribute, make_participant, make_study
from work.models import Job, JobResult

pytestmark = pytest.mark.django_db

VAGUE = "I live in"
GENERAL = {"supported": False, "fault": "too_general"}


@pytest.fixture
def attribute(conversation: Conversation) -> Attribute:
    """A statement of the fake model's that was broken off."""
    author = "llm:fake-model"
    row = make_attribute(conversation, VAGUE, VAGUE, author=author)
    Attribute.objects.filter(pk=row.pk).update(type="background", scope="lasting")
    return Attribute.objects.get(pk=row.pk)


def verified(attribute: Attribute, fault: str = "too_general") -> Verification:
    return Verification.objects.create(
        attribute=attribute, author="llm:v", is_supported=not fault, fault=fault
    )


def better(text: str = "Lives in Berlin", quote: str = "I live in Berlin") -> dict[str, object]:
    entry = {"text": text, "type": "background", "explicitness": "stated", "scope": "lasting",
             "turn": 0, "quote": quote, "confidence": 1}  # fmt: skip
    return {"attributes": [entry]}


def current() -> list[str]:
    return sorted(Attribute.objects.current().values_list("text", flat=True))


# -- Verifying -----------------------------------------------------------------


def test_faults_are_those_of_the_rubric() -> None:
    questions = {question["key"]: question for question in load_default("extraction")["questions"]}

    values = tuple(option["value"] for option in questions["fault"]["options"])

    assert values == verifying.FAULTS


def test_verify_by_the_baseline_keeps_its_word(attribute: Attribute) -> None:
    progress = run_stage(attribute.study, "verify")

    word = attribute.verifications.get()
    assert progress.outcomes == {"ok": 1}
    assert (word.author, word.is_supported, word.fault) == (
        "llm:baseline/rules", False, "too_general",
    )  # fmt: skip
    assert current() == [VAGUE]


def test_verify_over_http_shows_the_evidence_and_no_ref(
    attribute: Attribute, server: FakeLlm
) -> None:
    run_stage(attribute.study, "verify", served(server))

    sent = str(server.requests[0]["messages"])
    assert "I am vegan and I live in Berlin" in sent
    assert str(attribute.pk) not in sent
    assert attribute.verifications.get().call == Call.objects.get()


@pytest.mark.parametrize(
    "answer",
    [{}, {"supported": True, "fault": "other"}, {"supported": False, "fault": "none"},
     {"supported": False, "fault": "rude"}],
)  # fmt: skip
def test_verdicts_are_not_guessed(answer: object) -> None:
    with pytest.raises(InvalidVerdict):
        verifying.read_verdict(answer)


def test_verify_gives_up_on_a_lasting_contradiction(attribute: Attribute, server: FakeLlm) -> None:
    server.answer = lambda _: {"supported": True, "fault": "other"}

    progress = run_stage(attribute.study, "verify", served(server))

    assert (progress.dead, server.billed) == (1, 3)
    assert not Verification.objects.exists()


def test_verify_is_planned_once_and_never_asks_one_verifier_twice(
    attribute: Attribute, server: FakeLlm
) -> None:
    endpoint = served(server)
    run_stage(attribute.study, "verify", endpoint)
    endpoint.extra_params = {"top_p": 0.5}
    endpoint.save()

    again = run_stage(attribute.study, "verify", endpoint)

    assert (again.outcomes, server.billed) == ({"already": 1}, 1)
    assert Verification.objects.count() == 1


def test_verify_sends_only_words_that_still_stand(attribute: Attribute, server: FakeLlm) -> None:
    run = plan_run(study=attribute.study, stage="verify", endpoint=served(server), by="x")
    conversation = attribute.evidence.get().conversation
    Turn.objects.create(
        conversation=conversation, position=0, edition=2, role="user", content="I am [removed]."
    )

    assert done(run).outcomes == {"gone": 1}
    assert server.requests == []


def test_verify_leaves_out_what_was_forgotten_or_disallowed(
    attribute: Attribute, server: FakeLlm
) -> None:
    owner = attribute.participant
    assert owner is not None
    run = plan_run(study=attribute.study, stage="verify", endpoint=served(server), by="x")
    forget_attribute(attribute=attribute, participant=owner)

    assert done(run).outcomes == {"gone": 1}
    remember_attribute(attribute=attribute, participant=owner)
    withdraw_consent(participant=owner, scope="models")
    with pytest.raises(ValidationError, match="may be sent to third-party models"):
        run_stage(attribute.study, "verify", served(server))


def test_a_verification_names_its_fault_and_drops_only_the_faulty(attribute: Attribute) -> None:
    broken = [{"is_supported": True, "fault": "other"}, {"is_supported": False, "fault": ""},
              {"is_supported": True, "fault": "", "dropped_at": Now()}]  # fmt: skip

    for fields in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            Verification.objects.create(attribute=attribute, author="llm:v", **fields)


# -- Refining ------------------------------------------------------------------


def test_refine_keeps_both_versions_linked(attribute: Attribute, server: FakeLlm) -> None:
    verified(attribute)
    server.answer = lambda _: better()

    run_stage(attribute.study, "refine", served(server))

    link = AttributeLink.objects.get()
    new = Attribute.objects.get(text="Lives in Berlin")
    assert (link.attribute, link.kind, link.other) == (attribute, "refined", new)
    assert (new.author, new.evidence.get().conversation.ref) == ("llm:fake-model", "c1")
    assert new.provenance["refines"] == "too_general"
    assert current() == ["Lives in Berlin"]


def test_refine_tells_the_extractor_the_fault(attribute: Attribute, server: FakeLlm) -> None:
    verified(attribute)

    run_stage(attribute.study, "refine", served(server))

    assert "too_general" in str(server.requests[0]["messages"][1])
    assert JobResult.objects.get().value["refined"] == 1  # type: ignore[index]


def test_refine_drops_what_the_extractor_gives_up(attribute: Attribute, server: FakeLlm) -> None:
    word = verified(attribute)
    server.answer = lambda _: {"attributes": []}

    run_stage(attribute.study, "refine", served(server))

    word.refresh_from_db()
    assert word.dropped_at is not None
    assert (Attribute.objects.count(), current()) == (1, [])


def test_refine_keeps_what_the_extractor_stands_by(attribute: Attribute, server: FakeLlm) -> None:
    verified(attribute)
    server.answer = lambda _: better(VAGUE.upper())

    run_stage(attribute.study, "refine", served(server))

    assert JobResult.objects.get().value["kept"] == 1  # type: ignore[index]
    assert (Attribute.objects.count(), current()) == (1, [VAGUE])


@pytest.mark.parametrize(
    "answer",
    [{}, better(quote="I live in Paris"), {"attributes": [*better()["attributes"]] * 2},  # type: ignore[misc]
     {"attributes": [{"text": "x"}]}],
)  # fmt: skip
def test_refinements_are_checked_like_proposals(
    attribute: Attribute, server: FakeLlm, answer: dict[str, object]
) -> None:
    verified(attribute)
    server.answer = lambda _: answer

    progress = run_stage(attribute.study, "refine", served(server))

    assert (progress.dead, server.billed) == (1, 3)
    assert current() == [VAGUE]


def test_refine_asks_the_extractor_alone(attribute: Attribute) -> None:
    verified(attribute)

    with pytest.raises(ValidationError, match="no attribute of this model"):
        run_stage(attribute.study, "refine", baseline_endpoint())


def test_refine_brings_nothing_forgotten_back(attribute: Attribute, server: FakeLlm) -> None:
    assert attribute.participant
    verified(attribute)
    run = plan_run(study=attribute.study, stage="refine", endpoint=served(server), by="x")
    forget_attribute(attribute=attribute, participant=attribute.participant)

    assert done(run).outcomes == {"gone": 1}
    assert Attribute.objects.count() == 1


def test_refine_twice_is_once_and_its_result_is_verified_no_more(
    attribute: Attribute, server: FakeLlm
) -> None:
    run_stage(attribute.study, "verify", served(server))
    Verification.objects.update(is_supported=False, fault="too_general")

    for _ in range(2):
        run_stage(attribute.study, "refine", served(server))
        run_stage(attribute.study, "verify", served(server))

    assert (server.billed, Job.objects.count(), Attribute.objects.count()) == (2, 2, 2)


def test_two_complaints_refine_once(attribute: Attribute, server: FakeLlm) -> None:
    verified(attribute)
    Verification.objects.create(
        attribute=attribute, author="llm:w", is_supported=False, fault="other"
    )

    progress = run_stage(attribute.study, "refine", served(server))

    assert progress.outcomes == {"ok": 1, "gone": 1}
    assert server.billed == 1


def test_a_revision_without_a_list_is_none(attribute: Attribute) -> None:
    turns = attribute.evidence.get().conversation.turns_at()

    with pytest.raises(InvalidRevision):
        verifying.read_revision([], turns)
    assert verifying.read_revision({"attributes": []}, turns) is None


# -- The study document --------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "place"),
    [
        ([], ()),
        ({"merging": {}}, ("merging",)),
        ({"merge": {"by": "ear"}}, ("merge", "by")),
        ({"merge": {"by": "embeddings"}}, ("merge",)),
        ({"merge": {"endpoint": "baseline"}}, ("merge",)),
        ({"merge": {"threshold": 0}}, ("merge", "threshold")),
        ({"merge": {"near": 0.9}}, ("merge",)),
        ({"verify": {"endpoint": 3}}, ("verify", "endpoint")),
    ],
)
def test_the_section_names_what_is_wrong(section: object, place: tuple[str, ...]) -> None:
    assert [where for where, _ in extraction_faults(section, {})] == [place]


def test_the_section_may_be_empty_or_complete() -> None:
    complete = {
        "merge": {"by": "embeddings", "endpoint": "second", "threshold": 1, "near": 0.5},
        "verify": {"endpoint": "second"},
    }

    assert [extraction_faults(one, {}) for one in (None, {}, complete)] == [[], [], []]


def test_vectors_come_from_an_endpoint_that_makes_them() -> None:
    study = make_study(extraction={"merge": {"by": "embeddings", "endpoint": "baseline"}})

    with pytest.raises(ValidationError, match="makes no embeddings"):
        plan_run(study=study, stage="merge", endpoint=baseline_endpoint(), by="x")


def test_verifying_asks_whom_the_document_names(server: FakeLlm) -> None:
    study = make_study(
        endpoints=[{"name": "fake", "model": "fake-model"}],
        extraction={"verify": {"endpoint": "baseline"}},
    )
    make_participant(study)
    endpoint = served(server)

    assert stage_endpoint(study, "verify") == baseline_endpoint()
    assert stage_endpoint(study, "verify", "fake") == endpoint
    assert stage_endpoint(study, "extraction") == endpoint
