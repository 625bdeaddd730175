"""How long a rater waits from Enter to the next task: `python -m bench.waiting [--tasks N]`.

A browser of a participant answers pairwise items by two keys each, and the page itself takes the
times: from the key to the first frame that shows the next task. Prints one JSON document.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.judging import bundle_lines, quantile, study_document
from bench.site import Site, running_site
from tests.conftest import chromium

SLUG = "bench-waiting"
STAGE = "response"
WARM = 5
"""Tasks before any is counted: a browser's first pages are slower."""
SECONDS = 30_000
TIMING = """
window.waits = [];
let pressed = 0;
addEventListener("keydown", (event) => {
  if (event.key === "Enter") pressed = performance.now();
}, true);
addEventListener("htmx:afterSettle", () => requestAnimationFrame(() => setTimeout(() => {
  const asked = performance.getEntriesByType("resource")
    .filter((entry) => entry.initiatorType === "xmlhttprequest" && entry.startTime >= pressed)[0];
  performance.clearResourceTimings();
  window.waits.push([
    performance.now() - pressed, asked ? asked.responseEnd - asked.requestStart : 0]);
})));
"""


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--items", type=int, default=1_000)
    options = parser.parse_args()
    with running_site(workers=2) as site:
        json.dump(measured(site, options.items, options.tasks), sys.stdout, indent=1)
    print()


def measured(site: Site, items: int, tasks: int) -> dict[str, Any]:
    """Milliseconds until the next task is seen, and the part of them that the request took."""
    path = Path(site.directory) / "waiting.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in _lines(items)))
    site.manage("import_data", "--study", SLUG, "--create", str(path))
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(bypass_csp=True)  # waiting for a value needs eval
        page.add_init_script(TIMING)
        _enter(page, site)
        waits = _judge(page, WARM + tasks)[WARM:]
        browser.close()
    seen, request = zip(*waits, strict=True)
    return {
        "items": items,
        "tasks": tasks,
        "Enter to the next task seen, p50, p95, longest, ms": _spread(seen),
        "its request alone, p50, p95, longest, ms": _spread(request),
    }


def _lines(items: int) -> Iterator[dict[str, Any]]:
    """The items of all benches, under one question and behind a door for participants."""
    consent = {"version": "1", "text": {"en": "Everything is invented."}}
    document = study_document(SLUG) | {"consent": consent}
    document["stages"][STAGE]["rubric"]["questions"][1:] = []
    first, *others = bundle_lines(items, slug=SLUG)
    yield first | {"document": document}
    yield from others


def _enter(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/s/{SLUG}/")
    page.locator("input[value=take_part]").check()
    page.locator("#consent button").first.click()
    page.wait_for_url(f"**/s/{SLUG}/")
    page.goto(f"{site.url}/judge/{SLUG}/{STAGE}/")


def _judge(page: Page, tasks: int) -> list[tuple[float, float]]:
    """Two keys each."""
    for number in range(tasks):
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        page.wait_for_function(f"window.waits.length > {number}", timeout=SECONDS)
    found: list[tuple[float, float]] = page.evaluate("window.waits")
    return found


def _spread(values: tuple[float, ...]) -> list[float]:
    return [quantile(list(values), part) for part in (0.5, 0.95, 1.0)]


if __name__ == "__main__":
    main()
