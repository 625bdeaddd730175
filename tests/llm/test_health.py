"""What the outcomes of calls do to an endpoint: circuit, lane, and repeated questions."""

from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.db.models import F
from django.db.models.functions import Now
from django.forms import model_to_dict
from django.test import RequestFactory

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from llm import health
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.actions.health import close_circuit, enter, keep_lane, note
from llm.admin import EndpointForm
from llm.errors import CallFailed, EndpointBroken, HeldBack
from llm.models import Call, Endpoint, EndpointHealth
from llm.waiting import LONGEST_ABSENCE
from tests.llm.conftest import Ask, claimed_again
from work.claims import Claim
from work.models import Lane

pytestmark = pytest.mark.django_db
DOWN = Scripted(503, "")


def circuit() -> tuple[str, int]:
    """The endpoint's circuit, and how often in a row it was opened."""
    row = EndpointHealth.objects.get()
    return row.circuit, row.trips


def limit() -> int | None:
    """Of jobs held at once."""
    return Lane.objects.get().limit


def is_lane_closed() -> bool:
    """Whether nobody may claim."""
    return Lane.objects.filter(closed_until__gt=Now()).exists()


def fail(asked: Ask, server: FakeLlm, times: int, reply: Scripted = DOWN) -> None:
    """Ask so often in vain."""
    for number in range(times):
        server.script(reply)
        with pytest.raises(CallFailed):
            asked(f"In vain {number}")


def let_time_pass() -> None:
    """As if whatever was closed for a while had been so for long enough."""
    EndpointHealth.objects.update(
        open_until=F("open_until") - timedelta(hours=1),
        quiet_until=F("quiet_until") - timedelta(hours=1),
    )
    Lane.objects.update(closed_until=F("closed_until") - timedelta(hours=1))


# -- The lane ------------------------------------------------------------------


@pytest.mark.parametrize(("most", "first"), [(16, 4), (2, 2)])
def test_endpoint_has_a_narrow_lane_from_the_start(most: int, first: int) -> None:
    ensure_endpoint(name="e", base_url="http://127.0.0.1:9/v1", model="m", max_concurrency=most)

    assert limit() == first


def test_lane_follows_what_the_endpoint_may(endpoint: Endpoint) -> None:
    ensure_endpoint(name="fake", max_concurrency=3)
    assert limit() == 3

    ensure_endpoint(name="fake", max_concurrency=30)
    assert limit() == 3


def test_lane_follows_the_admin(endpoint: Endpoint) -> None:
    written = {"max_concurrency": 2, "extra_query": "{}", "extra_params": "{}"}
    given = model_to_dict(endpoint) | written
    form = EndpointForm(given, instance=endpoint)
    assert form.is_valid(), form.errors

    site._registry[Endpoint].save_model(RequestFactory().post("/"), endpoint, form, True)

    assert limit() == 2


def test_baseline_needs_no_lane() -> None:
    keep_lane(baseline_endpoint())

    assert not Lane.objects.exists()


def test_lane_grows_with_success_up_to_what_is_allowed(asked: Ask, endpoint: Endpoint) -> None:
    endpoint.max_concurrency = 6

    for number in range(4):
        asked(f"Good {number}")

    assert limit() == 6


def test_lane_grows_slowly_once_it_was_narrowed(
    asked: Ask, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(asked, server, 1, Scripted(429, "", {"Retry-After": "0"}))
    chances = iter([0.49, 0.51, 0.3])
    monkeypatch.setattr("llm.actions.health.random.random", lambda: next(chances))

    limits = [(asked(f"Good {number}"), limit())[1] for number in range(3)]

    assert limits == [3, 3, 4]


# -- A server that limits us -----------------------------------------------------


def test_limit_holds_everybody_back(asked: Ask, server: FakeLlm) -> None:
    fail(asked, server, 1, Scripted(429, "", {"Retry-After": "30"}))

    with pytest.raises(HeldBack) as held:
        asked("another")

    assert (len(server.requests), is_lane_closed(), limit()) == (1, True, 2)
    assert (held.value.outcome, held.value.counts) == ("rate_limited", False)
    assert 29 < (held.value.after_seconds or 0) <= 30


def test_limit_narrows_once_for_calls_under_way_together(
    asked: Ask, server: FakeLlm, endpoint: Endpoint
) -> None:
    standing = enter(endpoint)
    problem = CallFailed("rate_limited", "HTTP 429")

    for _ in range(3):
        note(endpoint, standing, problem, 0)

    assert limit() == 2


@pytest.mark.parametrize("wait", ["601", "1000000000", "inf", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_limit_for_longer_than_anybody_waits_opens_the_circuit(
    asked: Ask, server: FakeLlm, endpoint: Endpoint, wait: str
) -> None:
    fail(asked, server, 1, Scripted(429, "", {"Retry-After": wait}))

    with pytest.raises(HeldBack) as held:
        asked("another")

    assert (held.value.outcome, circuit()[0], len(server.requests)) == ("circuit_open", "open", 1)
    asked_for = min(float(wait), LONGEST_ABSENCE) if wait[0].isdigit() else LONGEST_ABSENCE
    assert asked_for - 2 < (held.value.after_seconds or 0) <= asked_for


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "-1"}, {"Retry-After": "NaN"}])
def test_limit_without_a_time_holds_back_for_a_moment(
    asked: Ask, server: FakeLlm, headers: dict[str, str]
) -> None:
    fail(asked, server, 1, Scripted(429, "", headers))

    with pytest.raises(HeldBack) as held:
        asked("another")

    assert 0 < (held.value.after_seconds or 0) <= 1


def test_server_that_names_a_time_when_down_is_left_alone(asked: Ask, server: FakeLlm) -> None:
    fail(asked, server, 1, Scripted(503, "", {"Retry-After": "20"}))

    with pytest.raises(HeldBack):
        asked("another")

    assert (len(server.requests), limit()) == (1, 4)


# -- The circuit -----------------------------------------------------------------


def test_circuit_opens_after_five_failures_in_a_row(asked: Ask, server: FakeLlm) -> None:
    fail(asked, server, 5)

    with pytest.raises(HeldBack) as held:
        asked("another")

    assert (circuit(), is_lane_closed(), limit()) == (("open", 1), True, 1)
    assert (len(server.requests), held.value.outcome, held.value.counts) == (5, "circuit_open", 0)
    assert 29 < (held.value.after_seconds or 0) <= 30


@pytest.mark.parametrize(
    "reply", [Scripted(500), Scripted(200, completion("{}"), cut=True), Scripted(529)]
)
def test_circuit_opens_whatever_the_failure(asked: Ask, server: FakeLlm, reply: Scripted) -> None:
    for number in range(5):
        server.script(reply)
        with pytest.raises(Exception, match=r"cut|server"):
            asked(f"In vain {number}")

    assert circuit() == ("open", 1)


def test_circuit_opens_when_half_fail(asked: Ask, server: FakeLlm) -> None:
    for number in range(9):
        fail(asked, server, 1)
        asked(f"Good {number}")
    assert circuit() == ("closed", 0)

    fail(asked, server, 2)

    assert circuit() == ("open", 1)


def test_circuit_stays_closed_while_a_server_answers(asked: Ask, server: FakeLlm) -> None:
    for number in range(6):
        server.script(Scripted(400, ""))
        with pytest.raises(EndpointBroken):
            asked(f"Bad {number}")

    assert circuit() == ("closed", 0)


def test_circuit_forgets_what_is_a_minute_old(asked: Ask, server: FakeLlm) -> None:
    fail(asked, server, 4)
    Call.objects.update(started_at=Now() - timedelta(seconds=61))
    EndpointHealth.objects.update(changed_at=Now() - timedelta(hours=1))

    fail(asked, server, 1)

    assert circuit() == ("closed", 0)


def test_circuit_of_one_endpoint_leaves_others_alone(
    asked: Ask, server: FakeLlm, endpoint: Endpoint
) -> None:
    fail(asked, server, 5)
    other = ensure_endpoint(name="other", base_url=server.url, model="other-model")

    assert enter(other).is_probe is False


def test_one_question_probes(asked: Ask, server: FakeLlm, endpoint: Endpoint) -> None:
    fail(asked, server, 5)
    let_time_pass()

    probe = enter(endpoint)
    with pytest.raises(HeldBack):
        enter(endpoint)

    assert (probe.is_probe, circuit(), is_lane_closed()) == (True, ("half_open", 1), True)


def test_probe_that_fails_opens_for_longer_and_costs_no_attempt(
    asked: Ask, server: FakeLlm
) -> None:
    fail(asked, server, 5)
    let_time_pass()
    server.script(DOWN)

    with pytest.raises(CallFailed) as failed:
        asked("probe")
    with pytest.raises(HeldBack) as held:
        asked("another")

    assert (circuit(), failed.value.counts) == (("open", 2), False)
    assert 59 < (held.value.after_seconds or 0) <= 60


def test_probe_that_is_answered_closes_and_begins_narrowly(asked: Ask, server: FakeLlm) -> None:
    fail(asked, server, 5)
    let_time_pass()

    asked("probe")

    assert (circuit(), is_lane_closed(), limit()) == (("closed", 0), False, 1)
    asked("the next")
    assert limit() == 2


def test_probe_that_vanished_is_followed_by_another(
    asked: Ask, server: FakeLlm, endpoint: Endpoint
) -> None:
    fail(asked, server, 5)
    let_time_pass()
    enter(endpoint)
    let_time_pass()

    assert enter(endpoint).is_probe


def test_probe_that_does_not_leave_makes_room(
    asked: Ask, server: FakeLlm, claim: Claim, endpoint: Endpoint
) -> None:
    fail(asked, server, 5)
    let_time_pass()
    claimed_again()

    with pytest.raises(Exception, match="no longer holds"):
        asked(claim=claim)

    assert (circuit(), is_lane_closed()) == (("open", 1), False)
    assert enter(endpoint).is_probe


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Scripted(401, ""), "auth"),
        (Scripted(429, {"error": {"code": "insufficient_quota"}}), "quota"),
    ],
)
def test_circuit_waits_for_a_person(
    asked: Ask, server: FakeLlm, endpoint: Endpoint, reply: Scripted, outcome: str
) -> None:
    server.script(reply)
    with pytest.raises((EndpointBroken, CallFailed), match=outcome):
        asked()
    let_time_pass()
    with pytest.raises(HeldBack) as held:
        asked("another")
    assert (circuit()[0], held.value.after_seconds, len(server.requests)) == ("open", 60, 1)

    close_circuit(endpoint=endpoint, by="Ada")

    assert asked("another").value == {"score": 3}
    assert (circuit()[0], is_lane_closed()) == ("closed", False)


# -- Repeated questions ------------------------------------------------------------


def test_repeated_questions_are_a_bounded_share(
    asked: Ask, server: FakeLlm, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "REPEATED_ALWAYS", 1)
    server.script(DOWN, DOWN)
    with pytest.raises(CallFailed):
        asked(claim=claim)
    with pytest.raises(CallFailed):
        asked(claim=claimed_again())

    with pytest.raises(HeldBack) as held:
        asked(claim=claimed_again())

    assert (held.value.outcome, held.value.counts, len(server.requests)) == ("repeats", False, 2)
    assert list(Call.objects.order_by("attempt").values_list("is_repeat", flat=True)) == [0, 1]


def test_several_questions_of_one_attempt_are_no_repeats(asked: Ask, claim: Claim) -> None:
    for content in ("How good?", "How good?", "How bad?"):
        asked(content, claim=claim)

    assert not Call.objects.filter(is_repeat=True).exists()


def test_call_by_a_worker_at_work_is_no_failure(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    fail(asked, server, 4)
    asked(claim=claim)
    Call.objects.filter(job_id=claim.job_id).update(state="sent", outcome="")

    fail(asked, server, 1)

    assert circuit() == ("open", 1)


def test_endpoint_made_by_hand_gets_its_lane_when_asked(server: FakeLlm, asked: Ask) -> None:
    Lane.objects.all().delete()
    EndpointHealth.objects.all().delete()

    asked()

    assert limit() == 5
