"""The steps of the walk, each by the site's own commands and actions."""

import json
import time
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db.models import Count

from annotation.choices import Stage
from annotation.models import Judgment
from bench.walk.people import choose_and_judge
from generation.actions.prompts import add_prompt
from generation.models import Attribute, Response, Selection
from generation.strategies.registry import STRATEGIES
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call, Endpoint
from studies.actions.studies import load_study
from studies.models import Study

SLUG = "laps"
MODEL = "honest"
OTHER = "honest-too"
VECTORS = "vectors"
REQUEST = (
    "Please suggest a recipe for dinner with ingredients that I like, and one that fits my diet,"
    " my allergies, my cooking skill and the time that I have."
)
JUDGES: list[dict[str, Any]] = [
    {"name": "plain", "endpoint": MODEL},
    {"name": "reasoning", "endpoint": OTHER, "reasoning": True},
]


def walk(file: Path, directory: Path, *, people: int | None) -> dict[str, Any]:
    """All of it; what each step did."""
    report: dict[str, Any] = {"import": bring_in(_some(file, directory, people))}
    for stage in ("extraction", "merge", "relevance"):
        report[stage] = _run("generate", stage=stage, endpoint=MODEL)
    study = Study.objects.get(slug=SLUG)
    call_command("open_tasks", study=SLUG, stdout=StringIO())
    report["scripted people on pairs"] = choose_and_judge(study, Stage.RELEVANCE)
    report["selections"] = dict(Counter(Selection.objects.values_list("source", flat=True)))
    report["response"] = _run("generate", stage="response", endpoint=MODEL)
    report["responses by strategy"] = _by_strategy()
    report["judges"] = judged()
    report["agreement"] = {stage.value: _agreement(stage) for stage in Stage}
    report["ledger"] = ledger(directory)
    return report


def _some(file: Path, directory: Path, people: int | None) -> Path:
    """The file, or one with its first so many people."""
    if people is None:
        return file
    some = directory / file.name
    some.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8"))[:people]))
    return some


def bring_in(file: Path) -> dict[str, Any]:
    """The dialogues, one request for everybody, and a document that asks for everything."""
    counts = _command("import_data", str(file), format="laps", create=True, stderr=StringIO())
    study = Study.objects.get(slug=SLUG)
    address = Endpoint.objects.filter(name="default").values_list("base_url", flat=True).first()
    main = _endpoint(MODEL, "chat", address)
    _endpoint(OTHER, "chat", main.base_url)
    _endpoint(VECTORS, "embeddings", main.base_url)
    load_study(document={**study.document, **_asked()}, by=None)
    add_prompt(study=study, participant=None, text=REQUEST)
    return counts


def _endpoint(name: str, protocol: str, address: str | None) -> Endpoint:
    from django.conf import settings

    return ensure_endpoint(
        name=name,
        base_url=address or settings.LLM_BASE_URL,
        model=name,
        protocol=protocol,
        price_prompt="0.15",
        price_completion="0.60",
        max_output_tokens=1000,
    )


def _asked() -> dict[str, Any]:
    return {
        "endpoints": [{"name": name, "model": name} for name in (MODEL, OTHER)],
        "judges": JUDGES,
        "strategies": _strategies(),
        "stages": {
            "extraction": {"overlap": {"peer": 0}},
            "relevance": {"overlap": {"owner": 1, "peer": 3}},
            "response": {"overlap": {"peer": 1}},
        },
    }


def _strategies() -> list[Any]:
    """Every strategy, with what some of them must be told."""
    told: dict[str, dict[str, Any]] = {
        "served_adapter": {"model": "lora-{participant}"},
        "ensemble": {"policies": [{"endpoint": MODEL, "weight": 1}], "samples": 2},
    }
    vectors = {"embeddings": VECTORS}
    for name in STRATEGIES:
        if "embeddings" in name or "hybrid" in name:
            told[name] = vectors
    return [{"name": name, **told[name]} if name in told else name for name in STRATEGIES]


def _by_strategy() -> dict[str, int]:
    rows = Response.objects.order_by("strategy").values_list("strategy")
    counts = dict(rows.annotate(count=Count("pk")))
    return {name: counts.get(name, 0) for name in STRATEGIES}


def judged() -> dict[str, Any]:
    """What each judge did at each stage; sides in both orders."""
    study = Study.objects.get(slug=SLUG)
    done: dict[str, Any] = {}
    for judge in JUDGES:
        for stage in Stage.values:
            done[f"{judge['name']}, {stage}"] = _run("judge", stage=stage, judge=judge["name"])
    done["scripted people on responses"] = choose_and_judge(study, Stage.RESPONSE)
    orders = Judgment.objects.filter(role="llm", task__stage=Stage.RESPONSE)
    done["orders"] = dict(orders.order_by().values_list("is_swapped").annotate(rows=Count("pk")))
    return {str(name): value for name, value in done.items()}


def _agreement(stage: Stage) -> dict[str, Any]:
    """The figures of `manage.py agreement`, without its lists of raters and pairs."""
    document = _command("agreement", stage=stage.value)
    shown = {name: document[name] for name in ("question", "items", "alpha", "labels", "groups")}
    reasons = Counter(row["reason"] for row in document["undefined"])
    return {**shown, "undefined, by reason": dict(reasons)}


def ledger(directory: Path) -> dict[str, Any]:
    """What was sent and what it cost, beside what the endpoint says it billed."""
    calls = Call.objects.filter(reuses=None)
    journal = (directory / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        "calls by outcome": dict(Counter(calls.values_list("outcome", flat=True))),
        "answers used again": Call.objects.exclude(reuses=None).count(),
        "cost": str(sum((call or 0) for call in calls.values_list("cost", flat=True))),
        "billed by the endpoint": sum(bool(json.loads(line).get("billed")) for line in journal),
        "attributes": Attribute.objects.count(),
        "attributes that nothing stands in for": Attribute.objects.current().count(),
    }


def _run(name: str, **options: Any) -> dict[str, Any]:
    """A run to its end: how many jobs were done, what became of them, and how long it took."""
    began = time.monotonic()
    document = _command(name, **options)
    seconds = round(time.monotonic() - began, 1)
    jobs = {state: document["jobs"][state] for state in ("done", "dead")}
    return {**jobs, "outcomes": document["outcomes"], "seconds": seconds}


def _command(name: str, *arguments: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(name, *arguments, study=SLUG, json=True, stdout=out, **options)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document
