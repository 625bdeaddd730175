"""Compare extracted attributes with those that people wrote or confirmed."""

from argparse import ArgumentParser
from typing import Any

from generation.evaluation import RULE, extraction_authors, extraction_scores
from studies.command import StudyCommand, study_named

LEVELS = ("conversation", "person")
ARMS = ("refined", "current")
"""Beside what was proposed at first: after verifying, and after merging too."""


class Command(StudyCommand):
    """`manage.py evaluate_extraction --study SLUG`"""

    help = "Precision, recall and F1 of every extractor, per conversation and per person."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which study."""
        parser.add_argument("--study", required=True, metavar="SLUG")

    def act(self, **options: Any) -> dict[str, Any]:
        """Compute the figures; print a line per extractor and level unless JSON was asked for."""
        study = study_named(options["study"])
        scores = [extraction_scores(study, author) for author in extraction_authors(study)]
        if not options["json"]:
            self._print(scores)
        return {"study": study.slug, "rule": RULE, "extractors": scores}

    def _print(self, scores: list[dict[str, Any]]) -> None:
        self.stdout.write(f"matched by: {RULE}")
        self.stdout.write("conversations and people without confirmed statements are left out")
        for one in scores:
            for arm in ("", *ARMS):
                for level in LEVELS if not arm or one[arm] else ():
                    figures = (one[arm] if arm else one)[level]
                    self.stdout.write(_line(one["author"], arm, level, figures))


def _line(author: str, arm: str, level: str, figures: dict[str, Any]) -> str:
    shown = "  ".join(f"{name} {_figure(figures[name])}" for name in ("precision", "recall", "f1"))
    counts = f"{figures['matched']} of {figures['proposed']} proposed, {figures['reference']} said"
    name = f"{author} {arm}".strip()
    return f"{name}  per {level} ({figures['units']})  {shown}  ({counts})"


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
