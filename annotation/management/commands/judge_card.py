"""What is known of the judges of a stage: consistency, calibration, biases."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from annotation.choices import Stage
from annotation.judge_cards.people import Reference
from annotation.judge_document import judge_cards
from studies.command import StudyCommand, study_named


class Command(StudyCommand):
    """`manage.py judge_card --study SLUG --stage … [--judge NAME] --json`"""

    help = "What is known of the judges of a stage: consistency, calibration, biases."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which judges and questions, and which people they are held to."""
        parser.add_argument("--study", required=True)
        parser.add_argument("--stage", required=True, choices=Stage.values)
        parser.add_argument("--judge", default="", help="name or rater; default: all")
        parser.add_argument("--question", default="", help="default: all that models are asked")
        parser.add_argument("--reference", choices=get_args(Reference), default="majority")

    def act(self, **options: Any) -> dict[str, Any]:
        """Compute the document; print it as lines unless JSON was asked for."""
        chosen = ("stage", "judge", "question", "reference")
        document = judge_cards(
            study=study_named(options["study"]), **{name: options[name] for name in chosen}
        )
        if not options["json"]:
            self._print(document)
        return document

    def _print(self, document: dict[str, Any]) -> None:
        if not document["judges"]:
            self.stdout.write("No model has judged at this stage yet.")
        for judge in document["judges"]:
            self.stdout.write(
                f"{judge['judge']} ({judge['model']}, {judge['arm']}): {judge['judgments']} "
                f"judgments, {judge['unusable']} unusable"
            )
            for fault in judge["unusable_by_reason"]:
                self.stdout.write(f"  unusable, {fault['reason']}: {fault['n']}")
            for card in judge["cards"]:
                self.stdout.write(f"  {card['question']}")
                for line in _lines(card):
                    self.stdout.write(f"    {line}")


def _lines(card: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Every figure of a card under its name, with what it rests on."""
    for name, value in card.items():
        where = f"{path}.{name}" if path else name
        if isinstance(value, Mapping) and "value" in value:
            yield f"{where}: {_figure(value)}"
        elif isinstance(value, Mapping):
            yield from _lines(value, where)


def _figure(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return f"undefined, as {row['reason']}"
    between = f", {row['low']:.3f} to {row['high']:.3f}" if row.get("low") is not None else ""
    return f"{row['value']:.3f} (n {row['n']}{between})"
