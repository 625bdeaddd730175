"""Reading and filling in pages the way a browser without scripts does."""

import re
from html import unescape
from typing import Any

from django.test import Client

NAME = re.compile(r'name="([^"]+)"')
VALUE = re.compile(r'value="([^"]*)"')


def text_of(response: Any) -> str:
    """The page's source."""
    return str(response.content.decode())


def hidden_fields(page: str) -> dict[str, str]:
    """What the page's task form posts unseen."""
    found = {}
    for field in re.findall(r'<input type="hidden"[^>]*>', page):
        name, value = NAME.search(field), VALUE.search(field)
        if name:
            found[unescape(name[1])] = unescape(value[1]) if value else ""
    return found


def first_options(page: str) -> dict[str, str]:
    """For each group of radio buttons its first value."""
    chosen: dict[str, str] = {}
    for field in re.findall(r'<input type="radio"[^>]*>', page):
        name, value = NAME.search(field), VALUE.search(field)
        if name and value:
            chosen.setdefault(unescape(name[1]), unescape(value[1]))
    return chosen


def filled(page: str, **more: str) -> dict[str, str]:
    """The form with the first option of everything chosen, and texts left empty."""
    chosen = {name: one for name, one in first_options(page).items() if name != "skip-reason"}
    texts = {unescape(name): "" for name in re.findall(r'<textarea name="([^"]+)"', page)}
    return {**hidden_fields(page), **chosen, **texts, "action": "submit", **more}


def judge_once(client: Client, stage: str) -> Any:
    """Open a stage's task, answer it with the first options, step by step; the last response."""
    address = f"/judge/alps/{stage}/"
    response = client.post(address, filled(text_of(client.get(address))))
    if stage == "response":
        response = client.post(address, filled(text_of(client.get(address))))
    return response


def assert_nowhere(words: list[str], response: Any) -> None:
    """None of the words stands in the page's source."""
    page = text_of(response)
    assert [word for word in words if word in page] == []
