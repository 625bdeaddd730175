"""What is measured of a study of one size."""

import http.client
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client

from annotation.actions.assignments import claim_next
from annotation.actions.raters import external_rater
from annotation.actions.tallies import count_if_large
from bench.judging import judge_for, quantile
from bench.races.material import make_race
from bench.races.racing import submit
from bench.scale.rows import multiply, rows_in
from bench.site import Site, family, memory_mb
from generation.models import Prompt, Response
from studies.actions.tokens import create_token
from studies.models import Study, User

VISITS = 10
LONG = 800


@dataclass(frozen=True)
class Visitor:
    """A researcher with a browser's session and a program's token."""

    site: Site
    user: User
    cookie: str


def make_visitor(site: Site) -> Visitor:
    """Somebody who may see every study."""
    user = User.objects.create_superuser("bench", password="for measuring only")
    return Visitor(site, user, session_of(user))


def session_of(user: User) -> str:
    """The cookie of a browser in which they signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def one_size(visitor: Visitor, items: int, *, raters: int, seconds: float) -> dict[str, Any]:
    """The figures of a study of so many items, half of them judged."""
    began = time.monotonic()
    study = make_study(f"scale-{items}", items)
    made = round(time.monotonic() - began, 1)
    began = time.monotonic()
    count_if_large(study)
    counted = round(time.monotonic() - began, 2)
    token = create_token(user=visitor.user, study=study, scope="manage")
    block = judge_for(
        visitor.site,
        token,
        raters=raters,
        seconds=seconds,
        wants_next=False,
        slug=study.slug,
        answers={"preference": "1"},
    )
    return {
        "rows": rows_in(study),
        "seconds to make them": made,
        "seconds to count them": counted,
        "next + submit": block.as_row(),
        "study page, ms": visits(visitor, f"/studies/{study.slug}/"),
        "list of studies, ms": visits(visitor, "/studies/"),
        "export of judgments.jsonl": exported(visitor.site, token, study.slug),
    }


def make_study(slug: str, items: int) -> Study:
    """One item as the site makes them, judged, and the others as its copies."""
    study = make_race(slug, 1, 2)
    Prompt.objects.filter(study=study).update(text="A request of the usual length. " * 7)
    Response.objects.filter(study=study).update(
        text="An answer of the usual length. " * (LONG // 31)
    )
    rater = external_rater(study=study, name="w0")
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place
    submit(place, rater)
    multiply(study, items - 1, (items - 1) // 2)
    return study


def visits(visitor: Visitor, path: str) -> dict[str, float]:
    """Milliseconds of some visits over one connection, after one that warms it."""
    connection = http.client.HTTPConnection("127.0.0.1", visitor.site.port, timeout=120)
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={visitor.cookie}"}
    times = []
    for _ in range(VISITS + 1):
        began = time.monotonic()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        times.append(1000 * (time.monotonic() - began))
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    return {"p50": quantile(times[1:], 0.5), "longest": round(max(times[1:]), 1)}


def exported(site: Site, token: str, slug: str) -> dict[str, Any]:
    """First byte, whole, and by how much the web processes grew."""
    before = sum(memory_mb(pid) for pid in family(site.web))
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=600)
    headers = {"Authorization": f"Bearer {token}"}
    began = time.monotonic()
    connection.request("GET", f"/api/v1/studies/{slug}/export/judgments.jsonl", headers=headers)
    answer = connection.getresponse()
    rows = answer.read(1).count(b"\n")
    first = time.monotonic() - began
    while part := answer.read(1 << 20):
        rows += part.count(b"\n")
    seconds = time.monotonic() - began
    grown = sum(memory_mb(pid) for pid in family(site.web)) - before
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "first_byte_ms": round(1000 * first, 1),
        "rows_per_second": round(rows / seconds),
        "memory_grown_mb": round(grown, 1),
    }
