"""Merging as machine work: what is planned when, what it links, and what it leaves alone."""

from collections.abc import Sequence

import pytest
from django.core.exceptions import ValidationError

from bench.fakellm.server import FakeLlm
from generation.actions.attributes import add_attribute
from generation.actions.merging import record_links
from generation.actions.remembering import (
    correct_attribute,
    forget_attribute,
    remember_attribute,
    undo_correction,
)
from generation.actions.runs import plan_run
from generation.merging.findings import Finding
from generation.models import Attribute, AttributeLink
from generation.queries import evidence_of, standing_in_for
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call, Endpoint
from studies.actions.consents import withdraw_consent
from studies.models import Participant, Study
from tests.generation.machine import done, run_stage, served
from tests.samples import make_attribute, make_conversation, make_participant, make_study
from work.models import Job, JobResult

pytestmark = pytest.mark.django_db
Kind = AttributeLink.Kind


@pytest.fixture
def owner(study: Study) -> Participant:
    return make_participant(study)


def said(
    owner: Participant, *rows: tuple[str, str], kind: str = "preference", author: str = "llm:m"
) -> list[Attribute]:
    """An attribute per (text, day), each from a conversation of its own that began on that day."""
    made = []
    for text, day in rows:
        number = owner.study.conversations.count() + 1
        conversation = make_conversation(owner, text, ref=f"c{number}")
        conversation.extra = {"began_on": day} if day else {}
        conversation.save()
        row = make_attribute(conversation, text, text, ref=f"a{number}", author=author)
        Attribute.objects.filter(pk=row.pk).update(type=kind, scope="lasting")
        made.append(Attribute.objects.get(pk=row.pk))
    return made


def links() -> list[tuple[str, str, str]]:
    rows = AttributeLink.objects.order_by("attribute__ref", "other__ref", "kind")
    return list(rows.values_list("attribute__ref", "kind", "other__ref"))


def current() -> list[str]:
    return list(Attribute.objects.current().order_by("ref").values_list("ref", flat=True))


# -- What is linked ------------------------------------------------------------


def test_merge_links_duplicates_to_the_newest_and_keeps_all(owner: Participant) -> None:
    said(owner, ("I love green tea", "2024-01-01"), ("I really love green tea!", "2025-01-01"))

    progress = run_stage(owner.study, "merge")

    assert progress.outcomes == {"ok": 1}
    assert links() == [("a1", "duplicate", "a2")]
    assert (Attribute.objects.count(), current()) == (2, ["a2"])
    link = AttributeLink.objects.get()
    assert (link.author, link.score, link.replaces) == ("lexical", 1.0, True)


def test_merge_of_a_home_that_changed_supersedes_the_older(owner: Participant) -> None:
    said(owner, ("I live in Munich", "2025-01-01"), ("I live in Berlin", "2024-01-01"))

    run_stage(owner.study, "merge")

    assert links() == [("a2", "superseded", "a1")]
    assert AttributeLink.objects.get().provenance["other_said_on"] == "2025-01-01"
    assert Attribute.objects.count() == 2


def test_merge_without_days_finds_a_conflict_and_both_stand(owner: Participant) -> None:
    said(owner, ("I eat nuts", ""), ("I don't eat nuts", "2025-01-01"))

    run_stage(owner.study, "merge")

    assert links() == [("a1", "conflict", "a2")]
    assert current() == ["a1", "a2"]


def test_merge_follows_a_change_through_several_days(owner: Participant) -> None:
    said(
        owner,
        ("I live in Berlin", "2023-01-01"),
        ("I live in Munich", "2024-01-01"),
        ("I live in Vienna", "2025-01-01"),
    )

    run_stage(owner.study, "merge")

    assert current() == ["a3"]
    rows = {row.pk: row.ref for row in Attribute.objects.all()}
    assert {rows[end] for end in standing_in_for(rows).values()} == {"a3"}


def test_merge_compares_only_one_person_and_one_model(owner: Participant) -> None:
    said(owner, ("I love tea", ""))
    said(owner, ("I love tea", ""), author="llm:other")
    said(make_participant(owner.study, "p2"), ("I love tea", ""))
    add_attribute(participant=owner, text="I love tea")

    with pytest.raises(ValidationError, match="no person whose extraction is over"):
        run_stage(owner.study, "merge")


def test_merge_leaves_out_what_was_forgotten(owner: Participant) -> None:
    first, *_ = said(owner, ("I love tea", ""), ("I love tea", ""), ("I love tea", ""))
    run = plan_run(study=owner.study, stage="merge", endpoint=baseline_endpoint(), by="x")
    forget_attribute(attribute=first, participant=owner)

    done(run)

    assert links() == [("a3", "duplicate", "a2")]


# -- Over HTTP -----------------------------------------------------------------


def test_merge_asks_a_model_about_the_near_ones(owner: Participant, server: FakeLlm) -> None:
    said(owner, ("I live in Berlin", "2024-01-01"), ("I live in Munich", "2025-01-01"))

    run_stage(owner.study, "merge", served(server))

    link = AttributeLink.objects.get()
    assert (link.kind, link.author, link.call) == (
        "superseded",
        "llm:fake-model",
        Call.objects.get(),
    )
    assert link.provenance["prompt_version"].startswith("merge@")


def test_merge_guesses_nothing(owner: Participant, server: FakeLlm) -> None:
    said(owner, ("I live in Berlin", "2024-01-01"), ("I live in Munich", "2025-01-01"))
    server.answer = lambda _: {"relations": []}

    progress = run_stage(owner.study, "merge", served(server))

    assert (progress.dead, server.billed) == (1, 3)
    assert not AttributeLink.objects.exists()


def test_merge_sends_words_of_the_person_alone(owner: Participant, server: FakeLlm) -> None:
    said(owner, ("I live in Berlin", ""), ("I live in Munich", ""))
    said(make_participant(owner.study, "p2"), ("I live in Vienna", ""), ("I live in Rome", ""))

    run_stage(owner.study, "merge", served(server))

    sent = sorted("Vienna" in str(request) for request in server.requests)
    assert sent == [False, True]
    assert not any("Berlin" in str(one) and "Vienna" in str(one) for one in server.requests)


def test_merge_looks_at_consent_again(owner: Participant, server: FakeLlm) -> None:
    said(owner, ("I live in Berlin", ""), ("I live in Munich", ""))
    run = plan_run(study=owner.study, stage="merge", endpoint=served(server), by="x")
    withdraw_consent(participant=owner, scope="models")

    assert done(run).outcomes == {"not_allowed": 1}
    assert server.requests == []


def test_merge_by_vectors_joins_what_words_do_not(server: FakeLlm) -> None:
    study = make_study(
        extraction={"merge": {"by": "embeddings", "endpoint": "vectors", "threshold": 0.3}},
        endpoints=[{"name": "vectors", "model": "v"}],
    )
    owner = make_participant(study)
    Endpoint.objects.create(
        name="vectors",
        model="v",
        base_url=server.url,
        protocol="embeddings",
        key_name="LLM_API_KEY",
    )
    said(owner, ("Photographing", ""), ("Photography lover", ""), ("Owns a bike", ""))

    run_stage(study, "merge")

    assert AttributeLink.objects.get().author == "embeddings:v"
    assert current() == ["a1", "a3"]


# -- When ----------------------------------------------------------------------


def test_merge_twice_is_planned_once(owner: Participant) -> None:
    said(owner, ("I love tea", ""), ("I love tea", ""))
    runs = []
    for _ in range(2):
        runs.append(
            plan_run(study=owner.study, stage="merge", endpoint=baseline_endpoint(), by="x")
        )
        done(runs[-1])

    assert runs[0] == runs[1]
    assert (Job.objects.count(), AttributeLink.objects.count()) == (1, 1)


def test_merge_again_after_more_was_extracted_links_only_what_is_new(owner: Participant) -> None:
    said(owner, ("I love tea", "2023-01-01"), ("I love tea", "2024-01-01"))
    run_stage(owner.study, "merge")
    said(owner, ("I love tea", "2025-01-01"))

    run_stage(owner.study, "merge")

    assert links() == [("a1", "duplicate", "a2"), ("a2", "duplicate", "a3")]
    assert current() == ["a3"]


@pytest.mark.parametrize("state", ["ready", "held"])
def test_merge_waits_for_what_is_still_extracted(owner: Participant, state: str) -> None:
    said(owner, ("I love tea", ""), ("I love tea", ""))
    plan_run(study=owner.study, stage="extraction", endpoint=baseline_endpoint(), by="x")
    Job.objects.update(state=state)

    with pytest.raises(ValidationError, match="nothing to ask"):
        plan_run(study=owner.study, stage="merge", endpoint=baseline_endpoint(), by="x")


def test_merge_counts_what_it_found(owner: Participant) -> None:
    said(owner, ("I love tea", ""), ("I love tea", ""), ("I don't love tea", ""))

    run_stage(owner.study, "merge")

    assert JobResult.objects.get().value == {
        "statements": 3, "pairs": 1, "pairs_left_out": 0, "conflict": 1, "duplicate": 1,
    }  # fmt: skip


# -- Recording -----------------------------------------------------------------


def record(
    owner: Participant, *pairs: tuple[Attribute, Attribute, Kind]
) -> Sequence[AttributeLink]:
    found = [Finding(one.pk, other.pk, kind, "lexical") for one, other, kind in pairs]
    return record_links(participant=owner, findings=found)


def test_links_never_run_in_a_circle(owner: Participant) -> None:
    one, two, three = said(owner, ("I love tea", ""), ("I love tea", ""), ("I love tea", ""))

    record(owner, (one, two, Kind.DUPLICATE), (two, three, Kind.SUPERSEDED))
    record(owner, (three, one, Kind.DUPLICATE), (one, three, Kind.DUPLICATE))

    assert links() == [("a1", "duplicate", "a2"), ("a2", "superseded", "a3")]
    assert current() == ["a3"]


def test_links_recorded_twice_are_there_once(owner: Participant) -> None:
    one, two = said(owner, ("I eat nuts", ""), ("I eat no nuts", ""))

    made = [record(owner, (one, two, Kind.CONFLICT)) for _ in range(2)]

    assert [len(rows) for rows in made] == [1, 0]


def test_owners_own_words_are_replaced_by_no_model(owner: Participant) -> None:
    own = add_attribute(participant=owner, text="I love tea")
    [model] = said(owner, ("I love tea", "2025-01-01"))

    assert record(owner, (own, model, Kind.DUPLICATE), (own, model, Kind.SUPERSEDED)) == []
    assert len(record(owner, (model, own, Kind.DUPLICATE))) == 1


def test_links_to_somebody_elses_attribute_are_refused(owner: Participant) -> None:
    [mine] = said(owner, ("I love tea", ""))
    [other] = said(make_participant(owner.study, "p2"), ("I love tea", ""))

    assert record(owner, (mine, other, Kind.DUPLICATE)) == []


# -- Reading -------------------------------------------------------------------


def test_evidence_of_a_representative_includes_its_duplicates(owner: Participant) -> None:
    one, two, three = said(owner, ("I love tea", ""), ("I love tea", ""), ("I love tea", ""))
    record(owner, (one, two, Kind.DUPLICATE), (two, three, Kind.DUPLICATE))

    assert [row.conversation.ref for row in evidence_of(three)] == ["c1", "c2", "c3"]
    assert [row.conversation.ref for row in evidence_of(one)] == ["c1"]


def test_forgetting_forgets_what_says_the_same(owner: Participant) -> None:
    one, two, three = said(owner, ("I love tea", ""), ("I love tea", ""), ("I live in Rome", ""))
    record(owner, (one, two, Kind.DUPLICATE))

    forget_attribute(attribute=one, participant=owner)
    forgotten = list(Attribute.objects.remembered().values_list("ref", flat=True))
    remember_attribute(attribute=two, participant=owner)

    assert forgotten == ["a3"]
    assert Attribute.objects.remembered().count() == 3
    assert three.forgotten_at is None


def test_correcting_puts_all_that_say_it_right_until_it_is_undone(owner: Participant) -> None:
    one, two = said(owner, ("I love tea", ""), ("I love tea", ""))
    record(owner, (one, two, Kind.DUPLICATE))

    correct_attribute(attribute=two, participant=owner, text="I love coffee")
    corrected = list(Attribute.objects.remembered().values_list("text", flat=True))
    undo_correction(attribute=two, participant=owner)

    assert corrected == ["I love coffee"]
    assert set(Attribute.objects.remembered().values_list("ref", flat=True)) == {"a1", "a2"}
