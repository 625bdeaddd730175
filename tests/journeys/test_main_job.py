"""The main job on real conversations: LAPS in, extraction by a model over HTTP and by the baseline,
judgments by a judge over HTTP, and a release in which every row leads back to the words of a turn.

All 99 people of `recipe_dataset_test.json` take part. How well the extractors found what people
had confirmed is told in the summary of the run, whatever it is.
"""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from pyarrow import parquet

from llm import client
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call
from releases.models import Release
from studies.actions.studies import load_study
from studies.models import Study
from tests.generation.machine import work_off
from tests.journeys.model import Model, honest_model

FILE = Path(settings.REAL_DATA_DIR) / "laps" / "recipe_dataset_test.json"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.long,
    pytest.mark.skipif(not FILE.exists(), reason=f"no LAPS data in {FILE.parent}"),
]

DIALOGUES = 191
EXTRACTORS = ["llm:baseline/rules", "llm:fake-model"]


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    """A server process, known to the site as the endpoint `main`."""
    with honest_model(tmp_path / "billed") as running:
        ensure_endpoint(name="main", base_url=running.url, model="fake-model")
        yield running
    client.close_clients()


def command(name: str, *arguments: str, **options: Any) -> dict[str, Any]:
    """The JSON document of one of the site's commands."""
    out = StringIO()
    call_command(name, *arguments, study="laps", json=True, stdout=out, **options)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def test_laps_from_import_to_release(
    model: Model, record_property: Callable[[str, object], None]
) -> None:
    bring_in()
    extract(model)
    for scores in command("evaluate_extraction")["extractors"]:
        record_property(f"LAPS, {scores['author']}", figures(scores))
    judged = judge(model)
    folder = release()

    rows = table(folder, "attributes")
    assert {row["attribute_author"] for row in rows} == {*EXTRACTORS, None}
    assert_traceable(rows, table(folder, "conversations"))
    assert {row["item"] for row in table(folder, "judgments")} == {row["item"] for row in rows}
    assert judged["counts"]["judgments"] == len(rows)


def bring_in() -> None:
    """The conversations, and a judge for what will be found in them."""
    command("import_data", str(FILE), format="laps", create=True, stderr=StringIO())
    document = Study.objects.get(slug="laps").document
    judges = [{"name": "plain", "endpoint": "main"}]
    endpoints = [{"name": "main", "model": "fake-model"}]
    load_study(document={**document, "judges": judges, "endpoints": endpoints}, by=None)


def extract(model: Model) -> None:
    """Every dialogue, once by the model and once by rules; each paid answer is in the ledger."""
    by_http = command("generate", stage="extraction", endpoint="main")
    by_rules = command("generate", stage="extraction", endpoint="baseline")

    assert by_http["jobs"]["done"] == by_rules["jobs"]["done"] == DIALOGUES
    assert paid() == model.billed == DIALOGUES


def paid() -> int:
    """Answers that the ledger holds of the model over HTTP."""
    return Call.objects.filter(endpoint__name="main", state="ok").count()


def judge(model: Model) -> dict[str, Any]:
    """Have every attribute judged that one of the two extractors found."""
    report = command("judge", stage="extraction", judge="plain")

    assert report["jobs"]["done"] == report["jobs"]["total"] > 0
    assert report["counts"]["unusable"] == 0
    assert paid() == model.billed == DIALOGUES + report["jobs"]["total"]
    return report


def release() -> Path:
    """Build a release; its folder."""
    planned = command("release")
    work_off()
    built = Release.objects.get(pk=planned["id"])
    assert (built.state, built.failure) == (Release.State.PUBLISHED, "")
    return built.folder


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    """All parts of one of the release's tables."""
    parts = sorted(folder.glob(f"data/{name}/*.parquet"))
    return [row for part in parts for row in parquet.read_table(part).to_pylist()]


def assert_traceable(rows: list[dict[str, Any]], turns: list[dict[str, Any]]) -> None:
    """Each row quotes words that stand, at the place it names, in a turn of the file that came in.

    A row without an attribute asks what is missing, and names the whole conversation.
    """
    said = {(turn["conversation"], turn["turn"]): turn["content"] for turn in turns}
    assert said == said_in_file()
    for row in rows:
        if row["attribute"] is None:
            assert (row["conversation"], 0) in said
            continue
        assert row["evidence"]
        for span in row["evidence"]:
            content = said[span["conversation"], span["turn"]]
            assert content[span["start"] : span["end"]] == span["quote"] != ""


def said_in_file() -> dict[tuple[str, int], str]:
    """What LAPS' people and their assistant said, by conversation and turn."""
    return {
        (f"{person['topic']}-{person['worker_id']}-{number}", position): said["message"]
        for person in json.loads(FILE.read_text(encoding="utf-8"))
        for number, session in enumerate(person["sessions"], 1)
        for position, said in enumerate(session["dialogue"])
    }


def figures(scores: dict[str, Any]) -> str:
    """Precision and recall, per conversation and per person, as one line."""
    return "; ".join(
        f"per {unit}: precision {scores[unit]['precision']:.3f}, recall"
        f" {scores[unit]['recall']:.3f} ({scores[unit]['matched']} of"
        f" {scores[unit]['proposed']} proposed and {scores[unit]['reference']} confirmed)"
        for unit in ("conversation", "person")
    )
