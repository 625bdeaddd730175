"""The published figures of PandaLM and iKAT, from the real files where they are present."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from annotation.agreement.answers import Answer, Question, Role
from annotation.agreement.document import agreement_document

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / os.environ.get("REAL_DATA_DIR", "../shared/data")
PREFERENCE = Question(
    "preference",
    "nominal",
    ("1", "2", "tie"),
    mirror={"1": "2", "2": "1", "tie": "tie"},
    favours={"1": "first", "2": "second", "tie": "none"},
)
RELEVANCE = Question("relevant", "nominal", ("0", "1"), positive=frozenset({"1"}))
VERDICTS = {0: "tie", 1: "1", 2: "2", "Tie": "tie", "1": "1", "2": "2"}
MACRO = ("accuracy", "macro_precision", "macro_recall", "macro_f1")


def folder(name: str) -> Path:
    """A folder of the real data; skips where it is absent."""
    if not (FOLDER / name).is_dir():
        pytest.skip(f"no real data in {FOLDER / name}")
    return FOLDER / name


def verdicts(rater: str, kind: Any, rows: list[dict[str, Any]], key: str) -> list[Answer]:
    role: Role = "peer" if kind == "human" else "llm"
    return [
        Answer(str(row["idx"]), rater, role, kind, VERDICTS.get(row[key]),
               usable=row[key] in VERDICTS)
        for row in rows
    ]  # fmt: skip


@pytest.fixture(scope="module")
def pandalm() -> list[Answer]:
    path = folder("pandalm")
    gold, gpt, own = (
        json.loads((path / f"{name}testset-v1.json").read_text(encoding="utf-8"))
        for name in ("", "gpt-3.5-turbo-", "pandalm-7b-")
    )
    people = [each for n in "123" for each in verdicts(n, "human", gold, f"annotator{n}")]
    machines = verdicts("gpt-3.5-turbo", "llm", gpt, "gpt_result")
    return people + machines + verdicts("pandalm-7b", "llm", own, "pandalm_result")


@pytest.fixture(scope="module")
def ikat() -> dict[str, Any]:
    answers = [
        Answer(f"{turn} {statement}", name, "expert", "human", label)
        for name in ("nist", "org")
        for turn, _, statement, label in map(
            str.split, (folder("ikat") / f"ptkb_rel_{name}").read_text().splitlines()
        )
    ]
    return agreement_document(study="s", stage="relevance", question=RELEVANCE, answers=answers)


def figures(answers: list[Answer], unusable: Any) -> dict[str, Any]:
    return agreement_document(
        study="s", stage="response", question=PREFERENCE, answers=answers, unusable=unusable
    )


def percents(document: dict[str, Any], rater: str) -> list[float]:
    [row] = [row for row in document["raters"] if row["rater"] == rater]
    return [round(100 * row[key], 2) for key in MACRO]


def test_pandalm_people_agree_as_published(pandalm: list[Answer]) -> None:
    found = figures(pandalm, "as_tie")

    kappas = [
        round(row["cohen_kappa"], 2) for row in found["pairs"] if {row["a"], row["b"]} < {*"123"}
    ]
    assert kappas == [0.85, 0.88, 0.86]
    assert (found["labels"], found["no_reference"]) == ({"1": 422, "2": 472, "tie": 105}, 0)


def test_pandalm_judges_score_as_published(pandalm: list[Answer]) -> None:
    found = figures(pandalm, "as_tie")

    assert percents(found, "gpt-3.5-turbo") == [71.07, 58.79, 57.36, 57.55]
    assert percents(found, "pandalm-7b") == [66.77, 57.38, 57.50, 57.43]


@pytest.mark.parametrize(("unusable", "accuracy"), [("wrong", 69.77), ("drop", 71.56)])
def test_pandalm_other_policies_move_the_accuracy(
    pandalm: list[Answer], unusable: str, accuracy: float
) -> None:
    assert percents(figures(pandalm, unusable), "gpt-3.5-turbo")[0] == accuracy


def test_ikat_pools_agree_as_counted(ikat: dict[str, Any]) -> None:
    [pair] = ikat["pairs"]

    assert (pair["n"], round(100 * pair["percent"], 1), round(pair["cohen_kappa"], 3)) == (
        398, 79.1, 0.362
    )  # fmt: skip


def test_ikat_pools_select_as_counted(ikat: dict[str, Any]) -> None:
    rows = [(row["rater"], row["n"], row["positive_rate"]) for row in ikat["raters"]]

    assert rows == [("nist", 1030, 224 / 1030), ("org", 1158, 182 / 1158)]  # 21.75 %, 15.7 %
