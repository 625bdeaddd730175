"""Measure giving past conversations: `python -m bench.donating [--megabytes N]`; prints JSON.

An invented ChatGPT export goes to a running site over HTTP, as a browser sends it; printed are the
seconds until the page with its conversations is there, and the memory of the web process.
"""

import argparse
import json
import re
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from bench.site import Site, family, running_site

SLUG = "bench-donate"
DOCUMENT: dict[str, Any] = {
    "slug": SLUG,
    "title": {"en": "Bench"},
    "consent": {"version": "1", "text": {"en": "Everything is invented."}},
    "donate": {"least": 1, "most": 20},
}
WORDS = (  # noqa: SIM905
    "the a of to in night train bread mountain letter garden quickly slowly blue cold "
    "remember begin travel cook write learn perhaps because although Zürich café 旅行 여행 🚆"
).split()
METADATA = {
    "status": "finished_successfully",
    "end_turn": True,
    "weight": 1.0,
    "update_time": None,
    "channel": None,
}


def main() -> None:
    """Send a file, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=50)
    options = parser.parse_args()
    json.dump(measured_anew(options.megabytes), sys.stdout, indent=1)
    print()


def measured_anew(megabytes: int) -> dict[str, Any]:
    """On a site of its own with one web process, ended afterwards."""
    with running_site(1) as site:
        study = Path(site.directory) / "study.json"
        study.write_text(json.dumps(DOCUMENT))
        site.manage("load_study", str(study))
        export = Path(site.directory) / "conversations.json"
        conversations = write(export, megabytes * 1_000_000)
        return {"conversations": conversations} | measured(site, export)


def measured(site: Site, export: Path) -> dict[str, Any]:
    """Seconds until the list is there; memory before, at its peak, and grown by."""
    browser = Browser(site.url)
    browser.open(f"/s/{SLUG}/")
    consent = {"scopes": "take_part", "version": DOCUMENT["consent"]["version"]}
    browser.post(f"/s/{SLUG}/", urllib.parse.urlencode(consent).encode())
    browser.open(f"/s/{SLUG}/donate/")
    before = peak_mb(site.web)
    body = export.read_bytes()
    began = time.perf_counter()
    page = browser.send_file(f"/s/{SLUG}/donate/", body)
    listed = time.perf_counter() - began
    if 'name="chosen"' not in page:
        raise SystemExit("The list did not come.")
    began = time.perf_counter()
    browser.open(browser.address)
    return {
        "megabytes": round(len(body) / 1e6, 1),
        "sent, read and listed, seconds": round(listed, 2),
        "listed again, seconds": round(time.perf_counter() - began, 2),
        "memory_mb before": before,
        "memory_mb at its peak": peak_mb(site.web),
        "memory_mb grown by": peak_mb(site.web) - before,
    }


class Browser:
    """Keeps cookies, follows redirects and knows the last page's token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.address = "/"
        self._token = ""
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def open(self, address: str) -> str:
        """The page at an address."""
        return self._ask(urllib.request.Request(self.url + address))

    def post(self, address: str, body: bytes) -> str:
        """Send a form; the page it leads to."""
        token = urllib.parse.urlencode({"csrfmiddlewaretoken": self._token}).encode()
        return self._ask(urllib.request.Request(self.url + address, data=token + b"&" + body))

    def send_file(self, address: str, content: bytes) -> str:
        """Send a form with a file; the page it leads to."""
        mark = uuid4().hex
        part = f'--{mark}\r\nContent-Disposition: form-data; name="'
        head = f'{part}csrfmiddlewaretoken"\r\n\r\n{self._token}\r\n'
        head += f'{part}file"; filename="conversations.json"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        return self._ask(urllib.request.Request(self.url + address, data=body, headers=headers))

    def _ask(self, request: urllib.request.Request) -> str:
        request.add_header("Origin", self.url)
        with self._opener.open(request, timeout=120) as answer:
            page = str(answer.read().decode())
            self.address = answer.url.removeprefix(self.url)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        self._token = found[1] if found else self._token
        return page


def peak_mb(root: int) -> int:
    """The most memory that the processes below `root` ever held, added up."""
    return round(sum(_peak_kb(pid) for pid in family(root)) / 1024)


def _peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


def write(path: Path, size: int) -> int:
    """An export of about so many bytes; how many conversations it has."""
    random = Random(1)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        while file.tell() < size:
            file.write("," if count else "")
            file.write(json.dumps(conversation(random, count)))
            count += 1
        file.write("]")
    return count


def conversation(random: Random, number: int) -> dict[str, Any]:
    """A tree of some turns with now and then a second reply, as bulky as the real ones."""
    mapping: dict[str, Any] = {"root": {"id": "root", "parent": None, "message": None}}
    before = "root"
    for role in roles(random):
        name = str(name_from(random))
        mapping[name] = node(random, name, before, role)
        if role == "user" or random.random() < 0.9:
            before = name
    return {
        "title": " ".join(random.choices(WORDS, k=5)),
        "create_time": 1_700_000_000.5 + 3600 * number,
        "mapping": mapping,
        "current_node": before,
        "conversation_id": str(name_from(random)),
    }


def roles(random: Random) -> Iterator[str]:
    """Who speaks, in order."""
    for _exchange in range(random.randint(1, 20)):
        yield "user"
        yield "assistant"


def node(random: Random, name: str, parent: str, role: str) -> dict[str, Any]:
    """A place in the tree with what was said there."""
    text = " ".join(random.choices(WORDS, k=random.randint(10, 60 if role == "user" else 300)))
    metadata = {
        "message_type": "next",
        "request_id": name,
        "model_slug": "invented",
        "citations": [],
    }
    message = {
        "id": name,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": 1_700_000_000.5,
        "content": {"content_type": "text", "parts": [text]},
        "metadata": metadata | {"citations": [], "content_references": []},
        "recipient": "all",
    }
    return {"id": name, "parent": parent, "children": [], "message": message | METADATA}


def name_from(random: Random) -> UUID:
    """A name as exports have them."""
    return UUID(int=random.getrandbits(128), version=4)


if __name__ == "__main__":
    main()
