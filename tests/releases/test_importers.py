"""Published data sets come in whole, and the figures that were published of them come out."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from annotation.queries import agreement
from generation.models import Attribute, Evidence, Response
from releases.actions.importing import Report, import_files
from releases.actions.loading.load import ImportRefused
from releases.importers.registry import FORMATS

REAL_DATA = Path(settings.REAL_DATA_DIR)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}"),
]


def imported(name: str, *paths: str) -> Report:
    return import_files(
        slug=name, format=FORMATS[name], paths=[REAL_DATA / path for path in paths], create=True
    )


def response_agreement(report: Report, unusable: str) -> dict[str, Any]:
    return agreement(study=report.study, stage="response", unusable=unusable)


def test_pandalm_reproduces_what_was_published() -> None:
    document = response_agreement(imported("pandalm", "pandalm"), "as_tie")

    kappas = {(p["a"], p["b"]): round(p["cohen_kappa"], 2) for p in document["pairs"]}
    figures = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
    judges = {
        row["rater"]: [round(100 * row[figure], 2) for figure in figures]
        for row in document["raters"]
        if row["role"] == "llm"
    }
    assert [kappas[f"annotator{a}", f"annotator{b}"] for a, b in ((1, 2), (1, 3), (2, 3))] == [
        0.85,
        0.88,
        0.86,
    ]
    assert document["labels"] == {"tie": 105, "1": 422, "2": 472}
    assert judges == {
        "gpt-3.5-turbo": [71.07, 58.79, 57.36, 57.55],
        "pandalm-7b": [66.77, 57.38, 57.50, 57.43],
    }


def test_pandalm_judge_depends_on_what_unusable_means() -> None:
    report = imported("pandalm", "pandalm")

    for unusable, accuracy in (("wrong", 69.77), ("drop", 71.56)):
        raters = response_agreement(report, unusable)["raters"]
        [judge] = [row for row in raters if row["rater"] == "gpt-3.5-turbo"]
        assert (round(100 * judge["accuracy"], 2), judge["unusable"]) == (accuracy, 25)


def test_pandalm_keeps_equal_contents_blanks_and_booleans() -> None:
    report = imported("pandalm", "pandalm")

    assert report.findings["test_set"] == {
        "rows": 999,
        "distinct_contents": 900,
        "blank_responses": 54,
        "boolean_responses": 6,
    }
    assert report.counts["item"] == 999
    assert Response.objects.filter(text__in=["true", "false"]).count() == 6


def test_laps_counts_people_by_sessions() -> None:
    names = ("recipe_dataset_val", "recipe_dataset_test", "movie_dataset_val")
    report = imported("laps", *(f"laps/{name}.json" for name in names))

    found = [
        (file["people_by_sessions"], file["utterances"], file["dialogues"])
        for file in report.findings["files"]
    ]
    assert found == [
        ({"1": 24, "2": 5, "3": 21}, 1333, 97),
        ({"1": 48, "2": 10, "3": 41}, 2610, 191),
        ({"1": 5, "2": 1, "3": 13}, 642, 46),
    ]


def test_laps_preferences_are_their_owners_words() -> None:
    report = imported("laps", "laps/movie_dataset_val.json")

    assert set(Attribute.objects.values_list("author", "type")) == {("owner", "preference")}
    assert Evidence.objects.filter(turn__isnull=True).count() == report.counts["attribute"]


def test_ikat_reproduces_what_was_published() -> None:
    report = imported("ikat", "ikat")

    document = agreement(study=report.study, stage="relevance")

    [pair] = document["pairs"]
    assert report.findings == {
        "topics": {"train": 11, "test": 25},
        "rows": {"nist": 1030, "org": 1158},
        "labelled_by_both": 398,
        "percent_relevant": {"nist": 21.75, "org": 15.72},
    }
    assert (pair["n"], round(pair["percent"], 3), round(pair["cohen_kappa"], 3)) == (
        398,
        0.791,
        0.362,
    )


def test_wrong_file_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"worker_id": 1, "topic": "x", "sessions": []}]')
    with pytest.raises(ImportRefused) as caught:
        import_files(slug="x", format=FORMATS["laps"], paths=[tmp_path / "x.json"], create=True)

    [fault] = caught.value.faults
    assert (fault.line, fault.field, fault.reason) == (1, "worker_id", "should be a valid string")
