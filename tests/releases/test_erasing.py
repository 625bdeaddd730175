"""Asking to be erased, being broken off, coming too late, and coming back from a backup."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core import serializers
from django.core.management import call_command
from django.db import transaction

from annotation.actions.judgments import submit_assignment
from annotation.errors import StaleFence
from annotation.models import Assignment, Judgment
from llm import ledger as pen
from llm.actions.endpoints import baseline_endpoint
from llm.exchange import Prompt, Reply
from llm.models import Call
from releases import streaming
from releases.actions.erasing import job_of, request_erasure, resume_erasures
from releases.actions.releasing import plan_release
from releases.erasure import ledger, steps
from releases.handlers import build_release, erase
from releases.models import Erasure
from releases.subjects import ABOUT, rows_about
from studies.models import Participant, Study
from tests.canaries import find
from tests.factories import make_study
from tests.releases.planted import Planted, plant
from work import execution, queue
from work.errors import LateClaim, RetryLater
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The worker is gone: nothing after this line happens."""


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: Any) -> Path:
    for name in ("releases", "donations", "erasures"):
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    return tmp_path


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def person(study: Study) -> Planted:
    return plant(study, "sam", other=plant(study, "kim"))


def run_job() -> None:
    claim = queue.claim("test", kinds=["erasure"])
    assert claim is not None
    erase(claim)


def left_of(person: Participant) -> dict[str, int]:
    counts = {label: rows_about(label, person.pk).count() for label in ABOUT}
    return {label: n for label, n in counts.items() if n}


def test_request_stops_everything_at_once(person: Planted) -> None:
    erasure = request_erasure(participant=person.person)

    person.person.refresh_from_db()
    assert person.person.left_at is not None
    assert not person.person.consents.filter(withdrawn_at__isnull=True).exists()
    assert set(Job.objects.of_subject(person.person.pk).values_list("state", flat=True)) == {
        "cancelled"
    }
    assert len(erasure.receipt) == 19


def test_request_made_twice_is_one(person: Planted) -> None:
    first = request_erasure(participant=person.person)

    assert request_erasure(participant=person.person) == first
    assert Job.objects.filter(kind="erasure").count() == 1


def test_job_names_nobody(person: Planted) -> None:
    job = job_of(request_erasure(participant=person.person))

    assert (job.subject, set(job.payload)) == (None, {"erasure"})
    assert str(person.person.pk) not in str(job.payload)


def dying_at(place: int) -> Callable[[], None]:
    """A lease whose holder is killed when it renews it for the nth time."""
    calls = iter(range(place))

    def keep_alive() -> None:
        if next(calls, None) is None:
            raise Killed

    return keep_alive


def test_erasure_killed_between_any_two_steps_is_finished_by_the_next(
    study: Study, person: Planted, data_dir: Path
) -> None:
    erasure = request_erasure(participant=person.person)
    place = 0
    is_whole = False
    while not is_whole:
        with suppress(Killed):
            steps.run(erasure, dying_at(place))
            is_whole = True
        place += 1

    run_job()

    erasure.refresh_from_db()
    assert place > len(steps.STEPS)
    assert erasure.finished_at is not None
    assert left_of(person.person) == {}
    redis_url = f"unix://{site.BROKER_SOCKET}"
    assert find(person.words, data_dir=data_dir, redis_url=redis_url) == []


def test_counts_tell_what_went_and_nothing_twice(person: Planted) -> None:
    conversations = person.person.conversations.count()
    erasure = request_erasure(participant=person.person)

    run_job()

    erasure.refresh_from_db()
    assert erasure.counts["collection.Conversation"] == conversations
    assert erasure.counts["studies.Participant"] == 1


def test_places_filled_for_others_are_free_again(study: Study, person: Planted) -> None:
    place = Assignment.objects.get(rater=person.rater, role="peer")
    request_erasure(participant=person.person)

    run_job()

    place.refresh_from_db()
    assert (place.state, place.rater_id, place.fence) == ("free", None, 1)
    assert not Judgment.objects.filter(task=place.task).exists()


def test_answer_on_an_open_page_is_refused_after_the_request(study: Study, person: Planted) -> None:
    kim = Participant.objects.get(ref="kim")
    place = Assignment.objects.filter(subject=person.person, role="owner").first()
    assert place is not None
    held = Assignment.objects.create(
        study=study, task=place.task, stage=place.stage, role="peer", place=1, rank=1,
        subject=person.person, rater=kim.raters.get(), state="leased", fence=1,
        lease_until=place.finished_at or kim.entered_at,
    )  # fmt: skip

    request_erasure(participant=person.person)

    with pytest.raises(StaleFence):
        submit_assignment(assignment_id=held.pk, rater=None, fence=1, entries=[])


def test_late_answer_of_a_model_is_refused_and_not_kept(study: Study, person: Planted) -> None:
    Job.objects.all().delete()
    queue.enqueue(
        kind="extraction", key={"n": 1}, payload={}, scope=study.scope, subject=person.person.pk
    )
    claim = queue.claim("test", kinds=["extraction"])
    assert claim is not None
    prompt = Prompt(task="extraction", messages=[], inputs={}, version="1")
    question = pen.Question(
        baseline_endpoint(), prompt, claim, study.scope, person.person.pk, "digest"
    )
    call = pen.open_call(question, {})

    request_erasure(participant=person.person)
    run_job()

    with pytest.raises(LateClaim):
        pen.capture(call, Reply(status=200, body="late words"), 1)
    with pytest.raises(LateClaim), queue.finishing(claim):
        pytest.fail("the fence let it through")
    execution.execute(claim)
    call.refresh_from_db()
    assert (call.raw_response, call.request_digest, call.subject) == ("", "", None)
    assert Call.objects.filter(raw_response="late words").count() == 0


def test_release_under_way_waits_for_the_erasure(study: Study, person: Planted) -> None:
    plan_release(study=study, by=None)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    request_erasure(participant=person.person)

    with pytest.raises(RetryLater, match="being erased"):
        build_release(claim)
    assert list(Path(site.RELEASES_DIR).rglob("*.parquet")) == []


def test_dead_erasure_is_taken_up_again(person: Planted) -> None:
    job = job_of(request_erasure(participant=person.person))
    Job.objects.filter(pk=job.pk).update(state="dead")

    assert resume_erasures() == 1
    run_job()
    assert resume_erasures() == 0


# -- The ledger ----------------------------------------------------------------


@pytest.fixture
def backup(person: Planted) -> Callable[[], None]:
    """Puts the person's rows back as a restored backup does."""
    rows = [row for label in reversed(ABOUT) for row in rows_about(label, person.person.pk)]
    person.person.user_id = None
    rows = [row for row in rows if not isinstance(row, Participant)]
    dump = serializers.serialize("json", [person.person, *rows])

    def restore() -> None:
        with transaction.atomic():  # so that the order of rows does not matter
            for found in serializers.deserialize("json", dump):
                found.save()

    return restore


def test_person_restored_from_a_backup_is_erased_again(
    person: Planted, backup: Callable[[], None], data_dir: Path
) -> None:
    redis_url = f"unix://{site.BROKER_SOCKET}"
    request_erasure(participant=person.person)
    run_job()
    backup()
    assert len(find(person.words, data_dir=data_dir, redis_url=redis_url)) > 12

    call_command("reapply_erasures")

    assert find(person.words, data_dir=data_dir, redis_url=redis_url) == []
    assert list(Participant.objects.values_list("ref", flat=True)) == ["kim"]
    assert not Erasure.objects.filter(finished_at__isnull=True).exists()


def test_ledger_names_nobody_and_survives_a_cut_line(person: Planted, data_dir: Path) -> None:
    request_erasure(participant=person.person)
    path = data_dir / "erasures" / "erasures.jsonl"
    path.parent.mkdir()
    path.write_text('{"person": "cut')

    run_job()

    assert str(person.person.pk) not in path.read_text()
    assert ledger.digest_of(person.person.pk) in ledger.erased_people()


def test_ledger_is_written_before_anything_goes(person: Planted) -> None:
    erasure = request_erasure(participant=person.person)

    with suppress(Killed):
        steps.run(erasure, dying_at(1))

    assert ledger.erased_people() == {ledger.digest_of(person.person.pk)}
    assert Participant.objects.filter(pk=person.person.pk).exists()


def test_export_under_way_breaks_off(
    study: Study, person: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "FIRST_ROWS", 1)
    monkeypatch.setattr(streaming, "ROWS_PER_PART", 1)
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0)
    sent = streaming.stream_table(study, "conversations", "jsonl")
    first = next(sent)

    request_erasure(participant=person.person)

    with pytest.raises(streaming.Withdrawn):
        list(sent)
    assert first is not None
