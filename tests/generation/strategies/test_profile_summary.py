"""Profile summary: written once per person and content, given with every prompt."""

import pytest
from django.utils import timezone

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from generation.actions.prompts import add_prompt
from generation.actions.runs import plan_run
from generation.models import Attribute, Profile, Response
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call
from studies.models import Study
from tests.generation.machine import done, run_stage, served, work_off
from tests.generation.strategies.people import (
    ask_for,
    given_to,
    one_of,
    responses_by,
    systems,
)
from work.models import Job

pytestmark = pytest.mark.django_db


def test_summary_is_written_once_for_all_prompts(study: Study, server: FakeLlm) -> None:
    for number in range(3):
        add_prompt(study=study, text=f"And {number}?", participant=one_of(study))

    responses_by(study, "profile_summary", endpoint=served(server))

    assert Response.objects.filter(participant__ref="anna").count() == 4
    assert Call.objects.filter(purpose="profile").count() == Profile.objects.count() == 2
    assert set(Response.objects.values_list("profile__participant__ref", flat=True)) == {
        "anna", "bela",
    }  # fmt: skip


def test_summary_stands_in_the_instructions(study: Study, server: FakeLlm) -> None:
    found = responses_by(study, "profile_summary", endpoint=served(server))["anna"]

    assert found.profile is not None
    own = [text for text in systems(server.requests) if found.profile.text in text]
    assert len(own) == 1
    assert "Anna owns two cats" in found.profile.text
    assert found.profile.call is not None
    assert found.profile.provenance["prompt_version"].startswith("summary@")


def test_what_was_summed_up_counts_as_given(study: Study) -> None:
    found = responses_by(study, "profile_summary")

    assert given_to(found["bela"]) == ["Bela likes old trains"]


def test_conversations_can_be_summed_up_instead(study: Study) -> None:
    found = responses_by(study, {"name": "profile_summary", "of": "turns"})

    assert given_to(found["bela"]) == ["Bela repairs trains", "Which?"]
    assert found["bela"].profile is not None
    assert found["bela"].profile.text == "Bela repairs trains."


def test_new_content_is_summed_up_anew(study: Study) -> None:
    responses_by(study, "profile_summary")
    Attribute.objects.filter(text__contains="cats").update(forgotten_at=timezone.now())

    run_stage(study, "response")

    profiles = Profile.objects.filter(participant__ref="anna").order_by("at")
    assert ["cats" in profile.text for profile in profiles] == [True, False]


def test_refused_summary_ends_what_waits_for_it(study: Study, server: FakeLlm) -> None:
    study.participants.get(ref="bela").delete()
    server.script(completion(None, refusal="I won't."))
    ask_for(study, "profile_summary")

    progress = run_stage(study, "response", served(server))

    assert progress.outcomes == {"refused": 2}
    assert not Response.objects.exists()


def test_summary_given_up_gives_up_what_waits_for_it(study: Study, server: FakeLlm) -> None:
    study.participants.get(ref="bela").delete()
    server.script(Scripted(status=400, body='{"error": {"message": "no"}}'))
    ask_for(study, "profile_summary")

    run = plan_run(study=study, stage="response", endpoint=served(server), by="test")
    progress = done(run)

    assert progress.dead == 2
    assert any("no summary of the person" in reason for reason in progress.failures)


def test_summary_is_a_job_of_the_run_and_of_the_person(study: Study) -> None:
    ask_for(study, "profile_summary")
    run = plan_run(study=study, stage="response", endpoint=baseline_endpoint(), by="test")

    work_off()

    rows = Job.objects.filter(kind="profile").values_list("run", "subject")
    assert set(rows) == {(run.pk, person.pk) for person in study.participants.all()}
