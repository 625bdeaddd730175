"""The dry run over HTTP: a real site, scripted raters, and what is kept of them."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from annotation.models import Judgment, Rater, TaskItem
from annotation.simulation.planting import known_answers, names_of
from studies.actions.members import add_member
from studies.models import Study, User
from tests.factories import make_rater
from tests.samples import make_participant, pairwise_study

# The server answers from threads of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study() -> Study:
    """Six pairs, three places each, and somebody who manages them."""
    study = pairwise_study(6)
    add_member(study=study, user=User.objects.create(username="ada"), role="owner", by=None)
    return study


def simulated(url: str, **options: Any) -> dict[str, Any]:
    """The report of a dry run."""
    out = StringIO()
    chosen = {"study": "alps", "raters": 6, "seed": 5, "url": url, "json": True, **options}
    call_command("simulate", stdout=out, **chosen)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def test_simulate_answers_every_place(study: Study, live_server: LiveServer) -> None:
    report = simulated(live_server.url, threads=2)

    assert (report["judgments"], report["tasks"], report["refused"]) == (18, 18, {})
    assert Judgment.objects.filter(study=study, seconds__gt=0, device="program").count() == 18


def test_simulate_keeps_profiles_and_truth_in_its_own_file_alone(
    study: Study, live_server: LiveServer, tmp_path: Path
) -> None:
    simulated(live_server.url, out=tmp_path / "truth.json")

    kept = json.loads((tmp_path / "truth.json").read_text())
    assert (len(kept["cast"]), len(kept["truth"])) == (6, 6)
    assert kept["truth"][0]["about"] == "response q0000 q0000-all q0000-generic"
    assert kept["truth"][0]["item"] == study.items.get(prompt__ref="q0000").ref
    assert set(Rater.objects.filter(study=study).values_list("extra__simulated")) == {(5,)}
    assert {person.basis for person in study.participants.all()} == {"none"}


def test_names_are_the_same_wherever_the_same_data_is(study: Study) -> None:
    other = pairwise_study(6, slug="copy")

    here, there = (names_of(one, ["response"]) for one in (study, other))

    assert set(here) != set(there)
    assert set(here.values()) == set(there.values())
    assert (
        here[study.items.get(prompt__ref="q0000").ref] == "response q0000 q0000-all q0000-generic"
    )


def test_known_answers_are_in_the_order_of_the_responses_refs(study: Study) -> None:
    entry = TaskItem.objects.filter(item__first__ref="q0000-generic").get()
    entry.purpose, entry.expected = "gold", {"preference": ["1", "tie"]}
    entry.save()

    name = names_of(study, ["response"])[entry.item.ref]

    assert known_answers(study, "response") == {name: {"preference": ["2", "tie"]}}


def test_simulate_does_nothing_the_second_time(study: Study, live_server: LiveServer) -> None:
    simulated(live_server.url)

    assert simulated(live_server.url)["judgments"] == 0


def test_simulate_refuses_where_people_have_judged(study: Study) -> None:
    rater = make_rater(study, make_participant(study))
    task = study.tasks.get(ref=study.tasks.values_list("ref").first()[0])  # type: ignore[index]
    Judgment.objects.create(
        study=study,
        stage="response",
        item=task.task_items.get().item,
        task=task,
        rater=rater,
        role="peer",
        rubric_version=1,
        answers={"preference": "1"},
    )

    with pytest.raises(CommandError, match="People have judged in alps"):
        simulated("http://127.0.0.1:1")


def test_simulate_says_that_nobody_answers(study: Study) -> None:
    with pytest.raises(CommandError, match=r"127\.0\.0\.1 does not answer"):
        simulated("http://127.0.0.1:1")


def test_simulate_says_that_a_token_is_refused(study: Study, live_server: LiveServer) -> None:
    with pytest.raises(CommandError, match="answered 401"):
        simulated(live_server.url, token="0" * 64)


def test_simulate_names_the_mixes_there_are(study: Study) -> None:
    with pytest.raises(CommandError, match="There is no mix “angels”: pilot, tenth"):
        simulated("http://127.0.0.1:1", mix="angels")
