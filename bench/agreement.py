"""Measure how far raters agree: `python -m bench.agreement`; prints one JSON document.

Invented people, peers and judges give 12,000 judgments on 2,000 items of relevance; then the pages
and the API are visited as a researcher's browser and program do, with all intervals' resamples.
"""

import argparse
import json
import random
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.__main__ import MAKE_USER
from bench.races.__main__ import begin
from bench.site import Site, family, memory_mb, running_site

SLUG = "agreement"
PEOPLE, PEERS, PEERS_EACH, JUDGES = 100, 60, 3, 2
"""Whom the items are about, who else judges, how many of them each item, and models."""
ANSWERS = ("must", "shape", "optional", "irrelevant", "avoid")
WEIGHTS = (1, 2, 2, 6, 1)
SURE = 0.7
"""How often somebody answers what is true, else its neighbour."""
AGES = ("young", "old")


def main() -> None:
    """One site, one study, and visits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=2_000, help="six judgments each")
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    with running_site(1) as site:
        report = measured(site, options)
    json.dump(report, sys.stdout, indent=1)
    print()


def measured(site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """Every visit's figures, and the memory of the web process before and after them."""
    site.manage("shell", "-c", MAKE_USER)
    path = Path(site.directory) / "study.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in lines(options.items)))
    site.manage("import_data", "--study", SLUG, "--format", "bundle", "--create", str(path))
    token = site.manage("create_token", "--user", "bench", "--study", SLUG, "--scope", "read")
    begin(site.environment)
    from django.conf import settings

    from bench.scale.measuring import session_of
    from studies.models import User

    cookie = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(User.objects.get(username='bench'))}"
    }
    bearer = {"Authorization": f"Bearer {token.strip()}"}
    page, api = f"/studies/{SLUG}/agreement/relevance/", f"/api/v1/studies/{SLUG}/agreement/"
    before = _memory(site)
    visits = {
        "page": (page, cookie),
        "page by age": (f"{page}?by=age", cookie),
        "all questions": (f"{page}?all=1", cookie),
        "API": (f"{api}?stage=relevance", bearer),
        "API by age": (f"{api}?stage=relevance&by=age", bearer),
    }
    report: dict[str, Any] = {"items": options.items, "judgments": options.items * _EACH}
    for name, (address, headers) in visits.items():
        report[f"{name}, seconds"] = _visited(site, address, headers, options.visits)
    return report | {"memory_mb, before and after": [before, _memory(site)]}


_EACH = 1 + PEERS_EACH + JUDGES


def lines(items: int) -> Iterator[dict[str, Any]]:
    """A study in which owners, peers and judges answered every item."""
    draw = random.Random(3)
    yield {"kind": "study", "id": SLUG, "document": study_document()}
    for n in range(PEOPLE):
        yield _person(n)
    yield from _raters()
    for n in range(items):
        yield {"kind": "prompt", "id": f"q{n}", "participant": f"p{n % PEOPLE}", "text": f"Q {n}"}
        yield {
            "kind": "attribute",
            "id": f"a{n}",
            "participant": f"p{n % PEOPLE}",
            "text": f"Likes dish {n}",
            "author": "imported",
        }
        yield {
            "kind": "item",
            "id": f"i{n}",
            "stage": "relevance",
            "prompt": f"q{n}",
            "attribute": f"a{n}",
        }
        yield from _judgments(n, draw)


def study_document() -> dict[str, Any]:
    """One stage with its usual rubric, and a survey to tell groups by."""
    ages = [{"value": age, "label": {"en": age}} for age in AGES]
    age = {"key": "age", "kind": "choice", "wording": {"en": "How old are you?"}, "options": ages}
    return {
        "slug": SLUG,
        "title": {"en": "Agreement"},
        "survey": [age],
        "stages": {"relevance": {"overlap": {"peer": PEERS_EACH}}},
    }


def _person(n: int) -> dict[str, Any]:
    traits = {"age": AGES[n % len(AGES)], "invented": True}
    consent = {"basis": "external", "scopes": ["peers", "models", "publish_words"], "version": "1"}
    return {"kind": "participant", "id": f"p{n}", "traits": traits, "consent": consent}


def _raters() -> Iterator[dict[str, Any]]:
    for n in range(PEOPLE):
        yield {"kind": "rater", "id": f"o{n}", "rater_kind": "human", "participant": f"p{n}"}
    for n in range(PEERS):
        yield {"kind": "rater", "id": f"w{n}", "rater_kind": "human"}
    for n in range(JUDGES):
        yield {"kind": "rater", "id": f"llm:j{n}:1", "rater_kind": "llm", "model": f"j{n}"}


def _judgments(n: int, draw: random.Random) -> Iterator[dict[str, Any]]:
    truth = draw.choices(range(len(ANSWERS)), weights=WEIGHTS)[0]
    peers = random.Random(n // 5).sample(range(PEERS), PEERS_EACH)
    who = [(f"o{n % PEOPLE}", "owner"), *((f"w{peer}", "peer") for peer in peers)]
    who += [(f"llm:j{judge}:1", "llm") for judge in range(JUDGES)]
    for rater, role in who:
        comfort = {"comfort": "comfortable"} if role == "owner" else {}
        said = truth if draw.random() < SURE else max(0, truth - 1)
        yield {
            "kind": "judgment",
            "id": f"j{n}-{rater}",
            "item": f"i{n}",
            "rater": rater,
            "role": role,
            "answers": {"relevance": ANSWERS[said]} | comfort,
        }


def _visited(site: Site, address: str, headers: dict[str, str], times: int) -> dict[str, float]:
    """The first visit, and the quickest and the slowest of those after it."""
    taken = []
    for _ in range(times + 1):
        began = time.monotonic()
        request = urllib.request.Request(f"{site.url}{address}", headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
        taken.append(round(time.monotonic() - began, 2))
    return {"first": taken[0], "quickest": min(taken[1:]), "slowest": max(taken[1:])}


def _memory(site: Site) -> int:
    return round(sum(memory_mb(pid) for pid in family(site.web)))


if __name__ == "__main__":
    main()
