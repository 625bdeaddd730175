"""How far raters agree: people with each other, with owners, with models."""

from argparse import ArgumentParser
from typing import Any, get_args

from annotation.agreement.collapsing import Orders, Samples, Unusable
from annotation.choices import Stage
from annotation.queries import agreement
from studies.command import StudyCommand, study_named


class Command(StudyCommand):
    """`manage.py agreement --study SLUG --stage … [--question KEY] --json`"""

    help = "How far raters agree: people with each other, with owners, with models."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which answers, and how they are counted."""
        parser.add_argument("--study", required=True)
        parser.add_argument("--stage", required=True, choices=Stage.values)
        parser.add_argument("--question", default="", help="default: the stage's first")
        parser.add_argument("--unusable", choices=get_args(Unusable), default="drop")
        parser.add_argument(
            "--reference",
            default="majority",
            help="majority, owner, mean, median or a rater's name",
        )
        parser.add_argument("--orders", choices=get_args(Orders), default="average")
        parser.add_argument("--samples", choices=get_args(Samples), default="majority")

    def act(self, **options: Any) -> dict[str, Any]:
        """Compute the document; print it as tables unless JSON was asked for."""
        chosen = ("question", "unusable", "reference", "orders", "samples")
        document = agreement(
            study=study_named(options["study"]),
            stage=options["stage"],
            **{name: options[name] for name in chosen},
        )
        if not options["json"]:
            self._print(document)
        return document

    def _print(self, document: dict[str, Any]) -> None:
        self.stdout.write(
            f"{document['study']} · {document['stage']} · {document['question']} "
            f"({document['scale']}, {document['items']} items, "
            f"reference: {document['reference']}, unusable: {document['unusable']})"
        )
        self.stdout.write(f"alpha {_number(document['alpha'])}")
        for pair in document["pairs"]:
            self.stdout.write(
                f"{pair['a']} – {pair['b']}: n {pair['n']}, agree {_number(pair['percent'])}, "
                f"kappa {_number(pair['cohen_kappa'])}"
            )
        for group in document["groups"]:
            self.stdout.write(
                f"{group['group']}: {group['pairs']} pairs, agree {_number(group['percent'])}, "
                f"mean kappa {_number(group['cohen_kappa'])}"
            )
        for rater in document["raters"]:
            self.stdout.write(
                f"{rater['rater']} ({rater['role']}): n {rater['n']}, "
                f"accuracy {_number(rater['accuracy'])}, macro F1 {_number(rater['macro_f1'])}"
            )
        for reason, figures in _by_reason(document["undefined"]).items():
            self.stdout.write(f"undefined, as {reason}: {', '.join(figures)}")


def _by_reason(gaps: list[dict[str, str]]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for gap in gaps:
        reasons.setdefault(gap["reason"], []).append(gap["figure"])
    return reasons


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
