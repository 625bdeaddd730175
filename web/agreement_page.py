"""How far raters agree, as pages show it: a stage's summary, and the figures of its questions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from annotation.figures_by_group import grouping_questions
from annotation.models import Exclusion
from annotation.queries import Material, material_of, measured_questions, rubric_in_force
from annotation.rubrics.document import Question
from studies.models import Study
from web.agreement_charts import GROUPS, Chart, charts_of

MOST_RATERS = 24
"""Of a matrix; those with the most answers."""
MOST_NAMED = 12
"""Figures that are named for one reason why they do not exist."""
STRENGTHS = (0.2, 0.4, 0.6, 0.8)
"""Kappas from which on a cell of the matrix is shaded one step deeper (Landis & Koch 1977)."""
PAIRED = ("percent", "cohen_kappa", "spearman", "pearson")
COLUMNS = (
    "figure", "of", "value", "low", "high", "n", "n_most", "judgments", "more", "undefined",
)  # fmt: skip
"""Of a chart's CSV: `n` items, up to `n_most` where pairs differ, `more` that a judge alone did."""
CHOICES = ("reference", "unusable", "orders", "samples", "raters", "surplus", "by")


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question in a stage's summary: a row per kind of pair, in the summary's columns."""

    wording: str
    document: dict[str, Any]
    rows: list[dict[str, Any] | None]

    @property
    def gap(self) -> float | None:
        """How much less people agree with models than with each other, in kappa."""
        groups = {row["group"]: row for row in self.document["groups"]}
        people = groups.get("peer-peer", {}).get("pooled_kappa")
        mixed = groups.get("human-llm", {}).get("pooled_kappa")
        return None if people is None or mixed is None else people - mixed


@dataclass(frozen=True, slots=True)
class Summary:
    """A stage's questions, with the kinds of pairs that exist for any of them."""

    groups: list[str]
    lines: list[QuestionLine]

    @property
    def has_judges(self) -> bool:
        """Is there a model whose answers can be held to people's?"""
        return "human-llm" in self.groups


def summary_of(study: Study, stage: str) -> Summary:
    """One line per question that anybody answered; the answers are read once."""
    material, language = material_of(study, stage), study.languages[0]
    asked = measured_questions(rubric_in_force(study, stage))
    found = [(question.worded("peer", language), material.document(question)) for question in asked]
    answered = [(wording, document) for wording, document in found if document["items"]]
    there = {row["group"] for _, document in answered for row in document["groups"]}
    groups = [name for name in GROUPS if name in there]
    return Summary(groups, [_line(wording, document, groups) for wording, document in answered])


def _line(wording: str, document: dict[str, Any], groups: list[str]) -> QuestionLine:
    rows = {row["group"]: row for row in document["groups"]}
    return QuestionLine(wording, document, [rows.get(name) for name in groups])


@dataclass(frozen=True, slots=True)
class Cell:
    """Two raters' agreement in a matrix; `depth` from 0 to 4 says how strong it is."""

    kappa: float | None
    interval: list[float] | None
    n: int
    depth: int
    query: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every two of the raters with the most answers."""

    names: list[str]
    rows: list[tuple[str, list[Cell | None]]]
    left_out: int


@dataclass(frozen=True, slots=True)
class Part:
    """One question as a page shows it."""

    wording: str
    document: dict[str, Any]
    charts: list[Chart]
    matrix: Matrix
    references: list[tuple[str, str]]
    """What raters can be held to, with what it is called."""
    undefined: list[tuple[str, list[str], int]]
    """A reason, the first figures that do not exist for it, and how many more."""
    by_group: list[tuple[str, int, list[Chart]]] = field(default_factory=list)
    """Of each group of people its answer, how many they are, and charts."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page's address asks for: a question, and how its answers are counted."""

    question: str
    options: dict[str, str]

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Chosen":
        """From an address; what is left out is as the command has it."""
        options = {name: asked[name] for name in CHOICES if asked.get(name)}
        return cls(asked.get("question", ""), options)

    def query(self, **changed: str) -> str:
        """The same with some of it changed, as an address writes it."""
        wanted = {"question": self.question, **self.options, **changed}
        return urlencode({name: value for name, value in wanted.items() if value})

    @property
    def counted(self) -> dict[str, str]:
        """Those of the options that say which judgments count."""
        return {name: self.options[name] for name in ("raters", "surplus") if name in self.options}

    @property
    def figured(self) -> dict[str, str]:
        """Those that say what is made of them."""
        return {name: self.options[name] for name in self.options if name not in self.counted}


def material_for(study: Study, stage: str, chosen: Chosen) -> Material:
    """What the page's figures are made from."""
    return material_of(study, stage, **chosen.counted)


def part_of(study: Study, material: Material, question: Question, chosen: Chosen) -> Part:
    """The question's figures. Raises ValidationError."""
    document = material.document(question, **chosen.figured)
    return Part(
        wording=question.worded("peer", study.languages[0]),
        document=document,
        charts=charts_of(document),
        matrix=matrix_of(document),
        references=_references(document),
        undefined=_undefined(document),
        by_group=list(_by_group(document)),
    )


def _undefined(document: Mapping[str, Any]) -> list[tuple[str, list[str], int]]:
    found: dict[str, list[str]] = {}
    for gap in document["undefined"]:
        found.setdefault(gap["reason"], []).append(gap["figure"])
    for gap in document["no_interval"]:
        reason = _("No interval: %s") % gap["reason"]
        found.setdefault(reason, []).append(gap["figure"])
    return [
        (reason, figures[:MOST_NAMED], max(0, len(figures) - MOST_NAMED))
        for reason, figures in found.items()
    ]


def _references(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = {"majority": _("the majority of people"), "owner": _("owners")}
    if document["scale"] != "nominal":
        known |= {"mean": _("people's mean"), "median": _("people's median")}
    known.setdefault(document["reference"], document["reference"])
    return list(known.items())


def without_excluded(
    study: Study, stage: str, question: Question, chosen: Chosen
) -> dict[str, Any] | None:
    """The document without the raters who are left out, if any is and they count on the page."""
    if chosen.counted.get("raters") == "without_excluded" or not excluded_in(study):
        return None
    fewer = Chosen(chosen.question, {**chosen.options, "raters": "without_excluded", "by": ""})
    options = {name: value for name, value in fewer.figured.items() if name != "by"}
    return material_for(study, stage, fewer).document(question, **options)


def _by_group(document: dict[str, Any]) -> Iterator[tuple[str, int, list[Chart]]]:
    empty: dict[str, Any] = {"effects": [], "powered": [], "authors": [],
             "self_consistency": {"n": 0, "items": 0, "value": None, "intervals": {}}}  # fmt: skip
    for row in document.get("by", {}).get("groups", []):
        whole = {**empty, **row, "reference": document["reference"]}
        yield row["group"], row["persons"], charts_of(whole)


def question_links(study: Study, stage: str) -> dict[str, str]:
    """The wording of each measured question by its key."""
    asked = measured_questions(rubric_in_force(study, stage))
    return {question.key: question.worded("peer", study.languages[0]) for question in asked}


def survey_choices(study: Study) -> dict[str, str]:
    """The questions of the survey by which figures can be grouped."""
    return {each.key: each.wording.get(study.languages[0], each.key)
            for each in grouping_questions(study)}  # fmt: skip


def excluded_in(study: Study) -> int:
    """How many raters are left out of figures that ask for it."""
    return Exclusion.objects.filter(rater__study=study, ended_at__isnull=True).count()


def matrix_of(document: Mapping[str, Any]) -> Matrix:
    """The pairs as a square; each pair stands once, below the diagonal."""
    counts: Counter[str] = Counter()
    for row in document["raters"]:
        counts[row["rater"]] += row["n"]
    most = {name for name, _n in counts.most_common(MOST_RATERS)}
    names = [name for name in counts if name in most]
    pairs = {(row["a"], row["b"]): row for row in document["pairs"]}
    rows = [
        (name, [_cell(pairs.get((other, name))) for other in names[:at]])
        for at, name in enumerate(names)
    ]
    return Matrix(names[:-1], rows[1:], len(counts) - len(names))


def _cell(row: Mapping[str, Any] | None) -> Cell | None:
    if row is None:
        return None
    kappa = row["cohen_kappa"]
    depth = 0 if kappa is None else sum(kappa >= least for least in STRENGTHS)
    query = urlencode({"a": row["a"], "b": row["b"]})
    return Cell(kappa, row["intervals"].get("cohen_kappa"), row["n"], depth, query)


def csv_rows(part: Part, key: str) -> Iterator[Sequence[Any]]:
    """One chart, or the pairs, as lines of a table; nothing for a key that does not exist."""
    if key == "pairs":
        yield from pair_rows(part.document["pairs"])
    for chart in part.charts:
        if chart.key == key:
            yield COLUMNS
            for bar in chart.bars:
                n = bar.n
                resting = (n.n, n.most, n.judgments, n.more) if n else (None,) * 4
                yield (key, bar.label, bar.value, bar.low, bar.high, *resting, bar.reason)


def pair_rows(pairs: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    """Every two raters: each figure, then the ends of each one's interval."""
    ends = [f"{name}_{end}" for name in PAIRED for end in ("low", "high")]
    yield ("a", "b", "n", *PAIRED, *ends)
    for row in pairs:
        known = (row["intervals"].get(name) or (None, None) for name in PAIRED)
        yield (row["a"], row["b"], row["n"], *(row[name] for name in PAIRED), *chain(*known))
