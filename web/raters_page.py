"""What a researcher reads of signals: their names, and what was seen in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotation.given_answers import WITHOUT_EXCLUDED, Raters
from studies.models import Study
from web.plain_names import Labels, first_words, labels_of, letters_in, named, wordings_of
from web.templatetags.figures import figure, percent

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Signal = Mapping[str, Any]

TITLES = {
    "gold": gettext_lazy("Gold items"),
    "checks": gettext_lazy("Attention checks"),
    "skips": gettext_lazy("Skipped gold and checks"),
    "comprehension": gettext_lazy("Comprehension check"),
    "consistency": gettext_lazy("Repeats"),
    "too_fast": gettext_lazy("Too fast to have read"),
    "idle": gettext_lazy("Away from the page"),
    "same_answer": gettext_lazy("The same answer"),
    "pasted": gettext_lazy("Pasted text"),
    "one_side": gettext_lazy("One side"),
    "agreement": gettext_lazy("Agreement with others"),
    "copying": gettext_lazy("Like one other rater"),
    "reliability": gettext_lazy("Reliability (Dawid–Skene)"),
}


def counted_on(asked: Mapping[str, str]) -> str:
    """Whose answers others are held to, by a page's address; what it cannot mean is left out."""
    chosen = asked.get("raters", WITHOUT_EXCLUDED)
    return chosen if chosen in get_args(Raters) else WITHOUT_EXCLUDED


def has_nothing(row: Mapping[str, Any]) -> bool:
    """Is nothing known of the rater: no answer, no flag, not left out?"""
    return not (row["judgments"] or row["flags"] or row["excluded"])


def said_of(signal: Signal) -> str:
    """What was seen, in a sentence."""
    return SENTENCES[signal["signal"]](signal)


def titled(names: list[str]) -> list[str]:
    """Signals as they are called on the page."""
    return [str(TITLES[name]) for name in names]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a rater in one question."""

    stage: str
    wording: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Card:
    """A rater's signals as the page has them: flags, then what is of no question, then the rest."""

    flags: list[dict[str, Any]]
    behaviour: list[dict[str, Any]]
    questions: list[Measured]


def card_of(study: Study, signals: list[Signal]) -> Card:
    """Those that say little, of too few answers, come last in each part."""
    rows = sorted(signal_rows(study, signals), key=lambda row: not row["is_enough"])
    by_question: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if not row["is_flag"]:
            by_question.setdefault(row["question"], []).append(row)
    return Card(
        flags=[row for row in rows if row["is_flag"]],
        behaviour=by_question.pop("", []),
        questions=[
            Measured(name.partition("/")[0], found[0]["wording"], found)
            for name, found in sorted(by_question.items())
        ],
    )


def signal_rows(study: Study, signals: list[Signal]) -> list[dict[str, Any]]:
    """Each with its title and sentence, its items by their first words and answers by labels."""
    stages = {one["question"].partition("/")[0] for one in signals if one["question"]}
    worded = {stage: wordings_of(study, stage) for stage in stages}
    behind = [row for one in signals for row in one["judgments"]]
    items = [*behind, *(row for one in signals for row in one["skipped"])]
    refs = {row["item"] for row in items}
    words, letters = first_words(study, refs), letters_in(study, refs)
    labels = {stage: labels_of(study, stage) for stage in {row["stage"] for row in behind}}
    return [
        {
            **one,
            "title": str(TITLES[one["signal"]]),
            "sentence": said_of(one),
            "wording": _wording(one["question"], worded),
            "skipped": [{**row, "begins": words.get(row["item"], "")} for row in one["skipped"]],
            "judgments": [
                _behind(row, words, letters, labels[row["stage"]]) for row in one["judgments"]
            ],
        }
        for one in signals
    ]


def _wording(name: str, worded: Mapping[str, Labels]) -> str:
    stage, _slash, key = name.partition("/")
    return named(worded.get(stage, {}), key)


def _behind(
    row: Signal,
    words: Mapping[str, str],
    letters: Mapping[str, Labels],
    labels: Mapping[str, Labels],
) -> dict[str, Any]:
    """One judgment behind a signal."""
    own = letters.get(row["item"], {})
    answers = [_answer(one, own, labels.get(one["question"], {})) for one in row["answers"]]
    begins = words.get(row["item"], "")
    return {**row, "begins": begins, "answers": answers, "is_lettered": bool(own)}


def _answer(answer: Signal, letters: Labels, labels: Labels) -> dict[str, Any]:
    target = answer["target"]
    return {
        **answer,
        "target": target and named(letters, target),
        "answer": named(labels, answer["answer"]),
        "expected": [named(labels, label) for label in answer["expected"]],
        "others": {named(labels, label): count for label, count in answer["others"].items()},
    }


def _share(sentence: "StrPromise") -> Callable[[Signal], str]:
    def said(signal: Signal) -> str:
        return str(sentence) % {
            "value": percent(signal["value"]),
            "n": signal["n"],
            "limit": percent(signal["limit"]),
        }

    return said


def _relative(enough: "StrPromise", alone: "StrPromise") -> Callable[[Signal], str]:
    """Of a value held to the middle rater's; `alone` where there is no middle rater."""

    def said(signal: Signal) -> str:
        sentence = alone if signal["expected"] is None else enough
        return str(sentence) % {
            "value": figure(signal["value"]),
            "n": signal["n"],
            "expected": figure(signal["expected"]),
            "limit": percent(signal["limit"]),
        }

    return said


def _copying(signal: Signal) -> str:
    if signal["partner"] is None:
        return _("Shares no item with anybody.")
    sentence = _("%(value)s of %(n)s shared items answered like %(partner)s.")
    shown = {"value": percent(signal["value"]), "n": signal["n"], "partner": signal["partner"]}
    return sentence % shown


def _pasted(signal: Signal) -> str:
    count = int(signal["value"] or 0)
    sentence = ngettext(
        "%(count)s judgment with pasted text.", "%(count)s judgments with pasted text.", count
    )
    return sentence % {"count": count}


def _attempts(signal: Signal) -> str:
    count = int(signal["value"] or 0)
    sentence = ngettext("Passed in %(count)s attempt.", "Took %(count)s attempts.", count)
    return sentence % {"count": count}


SENTENCES: dict[str, Callable[[Signal], str]] = {
    "gold": _share(
        gettext_lazy("%(value)s of %(n)s answered as expected; %(limit)s is the least.")
    ),
    "checks": _share(gettext_lazy("%(value)s of %(n)s passed; %(limit)s is the least.")),
    "skips": _share(
        gettext_lazy(
            "%(value)s of %(n)s gold items and checks passed on; %(limit)s may be, or as large a"
            " part as of other tasks."
        )
    ),
    "comprehension": _attempts,
    "consistency": _share(
        gettext_lazy("%(value)s of %(n)s answered as the first time; %(limit)s is the least.")
    ),
    "too_fast": _share(gettext_lazy("%(value)s of %(n)s judgments; %(limit)s may be.")),
    "idle": _share(
        gettext_lazy("%(value)s of the time, over %(n)s judgments; %(limit)s is the most.")
    ),
    "same_answer": _share(gettext_lazy("One answer in %(value)s of %(n)s, as it was shown.")),
    "pasted": _pasted,
    "one_side": _share(gettext_lazy("The side shown first wins in %(value)s of %(n)s decisions.")),
    "agreement": _relative(
        gettext_lazy(
            "Kappa %(value)s over %(n)s; %(expected)s is the least, %(limit)s of the middle"
            " rater's."
        ),
        gettext_lazy("Kappa %(value)s over %(n)s."),
    ),
    "copying": _copying,
    "reliability": _relative(
        gettext_lazy(
            "%(value)s beyond chance over %(n)s; %(expected)s is the least, %(limit)s of the middle"
            " rater's."
        ),
        gettext_lazy("%(value)s beyond chance over %(n)s."),
    ),
}
