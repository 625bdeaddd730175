"""`manage.py evaluate_extraction`: extractors against what people said about themselves."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.evaluation import RULE, extraction_authors, extraction_scores
from studies.models import Study


class Command(BaseCommand):
    """Precision, recall and F1 of every extractor, per conversation and per person."""

    help = "Compare extracted attributes with those that people wrote or confirmed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which study, and for whom the figures are."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="one JSON document, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per extractor and level."""
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study “{options['study']}”.")
        scores = [extraction_scores(study, author) for author in extraction_authors(study)]
        if options["json"]:
            document = {"study": study.slug, "rule": RULE, "extractors": scores}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        self.stdout.write(f"matched by: {RULE}")
        for one in scores:
            for level in ("conversation", "person"):
                self.stdout.write(_line(one["author"], level, one[level]))


def _line(author: str, level: str, figures: dict[str, Any]) -> str:
    shown = "  ".join(
        f"{name} {_figure(figures[name])}" for name in ("precision", "recall", "f1")
    )
    counts = f"{figures['matched']} of {figures['proposed']} proposed, {figures['reference']} said"
    return f"{author}  per {level} ({figures['units']})  {shown}  ({counts})"


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
