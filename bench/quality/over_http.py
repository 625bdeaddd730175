"""The same raters over HTTP against a real site: its own PostgreSQL and web server on loopback."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

from annotation.simulation.profiles import COLLUDER
from bench.judging import SLUG, words
from bench.quality.evaluation import FIRST, area, ranks_of
from bench.quality.invented import RUBRIC, Size
from bench.site import Site, running_site

USER = "bench"


def over_http(seed: int) -> dict[str, Any]:
    """Import the pairs, let `manage.py simulate` drive the raters, and ask the API for the list."""
    with running_site() as site:
        bundle = site.directory / "pairs.jsonl"
        bundle.write_text("".join(json.dumps(line) + "\n" for line in _lines(seed, Size())))
        site.manage("import_data", "--study", SLUG, "--create", str(bundle))
        truth = site.directory / "truth.json"
        token = _token(site)
        began = time.monotonic()
        ran = site.manage(
            "simulate", "--study", SLUG, "--raters", "50", "--seed", str(seed), "--mix", "tenth",
            "--url", site.url, "--token", token, "--out", str(truth), "--threads", "4", "--json",
        )  # fmt: skip
        seconds = time.monotonic() - began
        listed, asked = _raters(site, token)
        report = json.loads(ran)
        return {
            "seed": seed,
            "judgments": report["judgments"],
            "refused": report["refused"],
            "seconds": round(seconds, 1),
            "list_seconds": round(asked, 2),
            **_figures(listed, truth),
        }


def _figures(listed: dict[str, Any], truth: Path) -> dict[str, Any]:
    cast = {one["rater"]: one for one in json.loads(truth.read_text())["cast"]}
    rows = listed["raters"]
    suspicion = np.array([row["suspicion"] for row in rows])
    bad = np.array([not cast[row["rater"]]["honest"] for row in rows])
    names = np.array([cast[row["rater"]]["profile"] for row in rows])
    flagged = np.array([bool(row["flags"]) for row in rows])
    ranks = ranks_of(suspicion)
    copied = [row for row in rows if cast[row["rater"]]["profile"] == COLLUDER]
    return {
        "places": {
            str(name): sorted(int(rank) for rank in ranks[bad & (names == name)])
            for name in sorted(set(names[bad]))
        },
        "precision_at_5": round(float(bad[ranks <= FIRST].mean()), 3),
        "auc": round(area(suspicion, bad), 4),
        "not_flagged": names[bad & ~flagged].tolist(),
        "false_alarms": [
            f"{names[one]}: {', '.join(rows[one]['flags'])}"
            for one in np.flatnonzero(flagged & ~bad)
        ],
        "colluders_flagged": ["copying" in row["flags"] for row in copied],
    }


def _lines(seed: int, size: Size) -> Any:
    import random

    draw = random.Random(f"{seed}|pairs")
    stage = {"overlap": {"peer": size.places}, "rubric": RUBRIC}
    document = {"slug": SLUG, "title": {"en": "Bench"}, "stages": {"response": stage}}
    yield {"kind": "study", "id": SLUG, "document": document}
    for number in range(size.items):
        yield {"kind": "prompt", "id": f"q{number}", "text": words(draw, 200)}
        pair = [f"i{number}-a", f"i{number}-b"]
        for ref in pair:
            text = words(draw, 800)
            yield {"kind": "response", "id": ref, "prompt": f"q{number}", "text": text}
        about = {"stage": "response", "prompt": f"q{number}", "responses": pair}
        yield {"kind": "item", "id": f"i{number}", **about}


def _token(site: Site) -> str:
    made = (
        "from studies.models import User; "
        f"User.objects.get_or_create(username='{USER}', is_superuser=True)"
    )
    site.manage("shell", "-v0", "-c", made)
    return site.manage("create_token", "--user", USER, "--study", SLUG, "--scope", "manage").strip()


def _raters(site: Site, token: str) -> tuple[dict[str, Any], float]:
    request = urllib.request.Request(
        f"{site.url}/api/v1/studies/{SLUG}/raters/", headers={"Authorization": f"Bearer {token}"}
    )
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        document: dict[str, Any] = json.load(answer)
    return document, time.monotonic() - began
