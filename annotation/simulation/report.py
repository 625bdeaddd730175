"""What a dry run leaves behind: its report, and the file that holds profiles and planted truth."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from annotation.simulation.answering import ScriptedRater
from annotation.simulation.driving import Done
from annotation.simulation.truth import Planted


def report_of(slug: str, raters: Sequence[ScriptedRater], done: Done) -> dict[str, Any]:
    """What was done, by profile; nothing that tells who is who."""
    counts = Counter(rater.script.profile for rater in raters)
    return {
        "study": slug,
        "raters": len(raters),
        "tasks": done.tasks,
        "judgments": done.judgments,
        "profiles": [
            {"profile": name, "raters": count, "judgments": done.by_profile[name]}
            for name, count in sorted(counts.items())
        ],
        "refused": dict(done.refused),
    }


def truth_document(
    report: dict[str, Any], raters: Sequence[ScriptedRater], planted: Planted
) -> dict[str, Any]:
    """Who behaved how, and what was right.

    Pairwise answers are in the order of the two responses' refs. `about` names an item wherever the
    same data is; its ref may be this site's own.
    """
    items: dict[str, list[str]] = {}
    for shown, name in planted.names.items():
        items.setdefault(name, []).append(shown)
    return {
        **report,
        "seed": planted.seed,
        "cast": [
            {
                "rater": rater.script.name,
                "profile": rater.script.profile,
                "honest": rater.profile.honest,
                "leader": rater.script.leader or None,
                "accuracy": round(rater.script.accuracy, 4),
            }
            for rater in raters
        ],
        "truth": [
            {
                "item": item,
                "about": place.item,
                "question": place.question,
                "target": place.target or None,
                "value": right.value,
                "difficulty": round(right.difficulty, 4),
            }
            for place, right in sorted(planted.drawn.items(), key=lambda row: astuple(row[0]))
            for item in items.get(place.item, [place.item])
        ],
    }
