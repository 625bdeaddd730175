"""Our figures beside those of the others' result files, as a table in Markdown."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

QUIET = 0.25
"""Blocks in which others used more of a core are left out, where there are any without."""

PROJECTS = ("studies_api", "projects_api", "admin_overview")
"""How the platforms call the list, in their result files."""

Figure = Callable[[dict[str, Any]], float | None]


def side_by_side(ours: dict[str, Any], folder: Path | None) -> str:
    """One line per figure, one column per platform; what a file does not have is empty."""
    found = [ours, *([] if folder is None else _read(folder))]
    head = ["", *(result["peer"] for result in found)]
    lines = [head, ["---"] * len(head)]
    lines += [[name, *(_shown(figure, result) for result in found)] for name, figure in FIGURES]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _read(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.json"))
    return [{**json.loads(path.read_text()), "peer": path.stem} for path in files]


def _shown(figure: Figure, result: dict[str, Any]) -> str:
    try:
        value = figure(result)
    except (KeyError, IndexError, TypeError):
        return ""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _blocks(part: dict[str, Any], raters: int) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = part["cycle"][str(raters)]
    return [one for one in blocks if one.get("other_cores", 0) < QUIET] or blocks


def _rate(raters: int, part: str = "") -> Figure:
    return lambda result: median(one["per_s"] for one in _blocks(_of(result, part), raters))


def _next(raters: int, quantile: str, part: str = "") -> Figure:
    return lambda result: median(
        one["next"][quantile] for one in _blocks(_of(result, part), raters)
    )


def _cpu(raters: int) -> Figure:
    return lambda result: median(
        1000 * (one["server_cpu_s"] + one.get("db_cpu_s", 0)) / one["done"]
        for one in _blocks(result, raters)
    )


def _of(result: dict[str, Any], part: str) -> dict[str, Any]:
    found: dict[str, Any] = result[part] if part else result
    return found


def _export(result: dict[str, Any]) -> dict[str, Any]:
    formats = result["export_full"]
    found: dict[str, Any] = (
        formats.get("JSON") or formats.get("JSONL") or next(iter(formats.values()))
    )
    return found


def _projects(result: dict[str, Any]) -> float | None:
    found = result["big"]["dashboards"]
    return next((found[name]["p50"] for name in PROJECTS if name in found), None)


def _lost(result: dict[str, Any]) -> float | None:
    found: Sequence[str] = ("lost", "wrong_value", "repeated_rows")
    return float(sum(result["verify"].get(name, 0) for name in found))


FIGURES: list[tuple[str, Figure]] = [
    *((f"next + submit per second, {n} raters", _rate(n)) for n in (1, 8, 32)),
    ("next p50, 8 raters (ms)", _next(8, "p50")),
    ("next p95, 8 raters (ms)", _next(8, "p95")),
    ("CPU per judgment, server and database, 8 raters (ms)", _cpu(8)),
    ("tasks judged twice", lambda result: result["duplicates"]["annotated_by_2plus"]),
    ("lost, altered or repeated in the export", _lost),
    ("import, rows per second", lambda result: median(one["rows_s"] for one in result["import"])),
    ("import, peak memory (MB)", lambda r: max(one["peak_rss_mb"] for one in r["import"])),
    ("export of all judged items (s)", lambda result: _export(result)["median_total_s"]),
    ("its first byte (ms)", lambda result: 1000 * _export(result)["median_ttfb_s"]),
    ("idle memory, PSS of all processes (MB)", lambda result: result["cold"]["pss_mb"]),
    ("restart (s)", lambda result: result["cold"]["median_s"]),
    ("large: next + submit per second, 8 raters", _rate(8, "big")),
    ("large: next p50, 8 raters (ms)", _next(8, "p50", "big")),
    ("large: export (s)", lambda r: r["big"]["export"]["JSON"]["median_total_s"]),
    (
        "large: memory growth with it (MB)",
        lambda r: r["big"]["export"]["JSON"]["max_rss_growth_mb"],
    ),
    ("large: list of projects by the API (ms)", _projects),
]
