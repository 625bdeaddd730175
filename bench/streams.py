"""Live conversations: how long a token takes from the endpoint's hand to the browser's.

The endpoint is a process of its own and writes into every token when it sent it; whoever reads the
stream subtracts. One web process on PostgreSQL serves all of them.
"""

import argparse
import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.judging import quantile
from bench.site import ROOT, Site, cpu_of, family, running_site

STREAMS = 200
PER_SECOND = 20
RAMP_SECONDS = 20
"""In which they are opened, one after the other."""
SECONDS = 15
"""For which all of them are open: what is measured."""
MARGIN = 4
SINGLE = 15
"""Replies that are asked for one after the other to time the first token."""
SENT = re.compile(r"(\d+\.\d+);")
TOKENS_AT_FIRST = 5


@dataclass
class Heard:
    """Delays in milliseconds, as the readers measured them between two moments."""

    since: float = 0.0
    until: float = float("inf")
    first: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)
    ended: int = 0


def measured() -> dict[str, Any]:
    """Both blocks on a site of their own."""
    with running_site(workers=1) as site, endpoint() as (url, pace):
        people = json.loads(
            site.manage("shell", "-v0", "-c", PREPARE.format(url=url, count=STREAMS))
        )
        return {
            "first token": asyncio.run(_one_by_one(site, people[:1], pace)),
            f"{STREAMS} streams": asyncio.run(_all_at_once(site, people[1:], pace)),
        }


PREPARE = """
import json
from importlib import import_module
from django.conf import settings
from collection.actions.conversing import begin_conversation
from llm.actions.endpoints import ensure_endpoint
from studies.actions.studies import load_study
from studies.models import Consent, Participant
from web.participants import ENTERED

scopes = ["take_part", "converse"]
consent = {{"version": "1", "text": {{"en": "Yes?"}}, "scopes": scopes, "required": scopes}}
study = load_study(by=None, document={{
    "slug": "streams", "title": {{"en": "Streams"}}, "consent": consent,
    "endpoints": [{{"name": "paced", "model": "paced"}}],
    "converse": {{"models": [{{"endpoint": "paced"}}], "max_turns": 200}},
}})
ensure_endpoint(name="paced", base_url="{url}", model="paced")
sessions = import_module(settings.SESSION_ENGINE)
people = []
for number in range({count} + 1):
    person = Participant.objects.create(study=study, ref=f"p{{number}}", basis="none")
    for scope in scopes:
        Consent.objects.create(participant=person, scope=scope, version="1")
    session = sessions.SessionStore()
    session[ENTERED] = [str(person.pk)]
    session.create()
    conversation = begin_conversation(participant=person)
    people.append([session.session_key, f"/s/streams/converse/{{conversation.pk}}/"])
print(json.dumps(people))
"""


@contextlib.contextmanager
def endpoint() -> Iterator[tuple[str, Path]]:
    """The paced model in a process of its own: its address, and the file that sets its pace."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.paced"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        address, pace = process.stdout.readline().split()
        yield address, Path(pace)
    finally:
        process.terminate()
        process.wait()


async def _one_by_one(site: Site, people: list[list[str]], pace: Path) -> dict[str, Any]:
    pace.write_text(json.dumps({"tokens": TOKENS_AT_FIRST, "pause": 0.05}))
    heard = Heard()
    for _number in range(SINGLE):
        await _converse(site, people[0], heard)
    return {
        "replies": heard.ended,
        "p50_ms": quantile(heard.first, 0.5),
        "p95_ms": quantile(heard.first, 0.95),
    }


async def _all_at_once(site: Site, people: list[list[str]], pace: Path) -> dict[str, Any]:
    tokens = (RAMP_SECONDS + SECONDS + MARGIN) * PER_SECOND
    pace.write_text(json.dumps({"tokens": tokens, "pause": 1 / PER_SECOND}))
    since = time.time() + RAMP_SECONDS + MARGIN / 2
    heard = Heard(since, since + SECONDS)
    spent = asyncio.create_task(_cpu_between(site, heard))
    await asyncio.gather(
        *(
            _converse(site, person, heard, RAMP_SECONDS * number / len(people))
            for number, person in enumerate(people)
        )
    )
    web, database = await spent
    return {
        "tokens": len(heard.all),
        "expected": len(people) * SECONDS * PER_SECOND,
        "whole": heard.ended,
        "first_p50_ms": quantile(heard.first, 0.5),
        "first_p95_ms": quantile(heard.first, 0.95),
        "p50_ms": quantile(heard.all, 0.5),
        "p95_ms": quantile(heard.all, 0.95),
        "max_ms": quantile(heard.all, 1.0),
        "cores_of_web": round(web / SECONDS, 2),
        "cores_of_database": round(database / SECONDS, 2),
    }


def cpu_below(root: int) -> float:
    """Seconds that a process and all below it have used so far."""
    return sum(cpu_of(pid) for pid in family(root))


async def _cpu_between(site: Site, heard: Heard) -> tuple[float, float]:
    """What web and database use while all streams are open."""
    await asyncio.sleep(heard.since - time.time())
    web, database = cpu_below(site.web), cpu_below(site.database)
    await asyncio.sleep(heard.until - time.time())
    return cpu_below(site.web) - web, cpu_below(site.database) - database


async def _converse(site: Site, person: list[str], heard: Heard, wait: float = 0.0) -> None:
    """Say something and read the reply to its end."""
    session, path = person
    await asyncio.sleep(wait)
    cookie = {"Cookie": f"session={session}; csrf={CSRF}"}
    form = f"csrfmiddlewaretoken={CSRF}&text=Go&key={time.monotonic_ns()}"
    headers = cookie | {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(form)),
        "Connection": "close",
    }
    await _request(site, "POST", f"{path}turns/", headers, form, lambda _line, _now: None)
    delays: list[float] = []

    def take(line: bytes, now: float) -> None:
        heard.ended += line.startswith(b"event: end")
        for sent in map(float, SENT.findall(line.decode())):
            delays.append(1000 * (now - sent))
            if heard.since <= sent < heard.until:
                heard.all.append(delays[-1])

    await _request(site, "GET", f"{path}stream/", cookie, "", take)
    heard.first += delays[:1]


CSRF = "c" * 32


async def _request(
    site: Site, method: str, path: str, headers: dict[str, str], body: str, take: Any
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    sent = {"Host": f"127.0.0.1:{site.port}", "Connection": "close", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode())
    try:
        while line := await reader.readline():
            take(line, time.time())
    finally:
        writer.close()


def main() -> None:
    """Only this measurement: `python -m bench.streams`."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    json.dump(measured(), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
