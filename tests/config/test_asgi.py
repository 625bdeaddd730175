"""Which threads a request is given: short work does not wait for long work."""

import pytest

from config.asgi import may_take_long
from config.unread import LARGE_BODY


def asked(path: str, **headers: str) -> bool:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return may_take_long({"path": path, "headers": told})


@pytest.mark.parametrize(
    "path", ["/judge/alps/response/", "/api/v1/studies/alps/tasks/next/", "/s/export-2026/", "/"]
)
def test_short_work_is_told_by_its_path(path: str) -> None:
    assert not asked(path, content_length="300")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/studies/alps/export/judgments.jsonl",
        "/api/v1/studies/alps/import/",
        "/studies/alps/agreement/response/",
        "/studies/alps/flagged-raters/",
        "/me/alps/download/",
    ],
)
def test_long_work_is_told_by_its_path(path: str) -> None:
    assert asked(path)


@pytest.mark.parametrize(
    "headers",
    [
        {"content_length": str(LARGE_BODY + 1)},
        {"content_length": "many"},
        {"transfer_encoding": "chunked"},
    ],
)
def test_body_that_may_come_slowly_is_long_work(headers: dict[str, str]) -> None:
    assert asked("/s/alps/donate/", **headers)
