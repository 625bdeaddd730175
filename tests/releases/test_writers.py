"""The same rows as JSONL, CSV and Parquet, as one file and as a stream."""

import ast
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from releases.batches import batches
from releases.exports import EXPORTS
from releases.streaming import stream_table
from releases.tables.registry import TABLES
from releases.writers import encoded
from tests.factories import (
    judge,
    make_attribute,
    make_item,
    make_participant,
    make_prompt,
    make_rater,
    make_study,
)

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("number", pa.float64()),
        ("yes", pa.bool_()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("list", pa.list_(pa.struct([("role", pa.string())]))),
    ]
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
rows = st.fixed_dictionaries(
    {
        "text": st.none() | texts,
        "number": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "yes": st.none() | st.booleans(),
        "at": st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)),
        "list": st.lists(st.fixed_dictionaries({"role": texts}), max_size=3),
    }
)


def written(many: list[dict[str, Any]], form: str, batch: int = 3) -> bytes:
    parts = encoded(iter(batches(many, batch)), schema=SCHEMA, form=form, rows_per_group=4)
    return b"".join(parts)


@given(st.lists(rows, max_size=12))
def test_parquet_gives_back_the_rows(many: list[dict[str, Any]]) -> None:
    table = pq.read_table(io.BytesIO(written(many, "parquet")))

    assert table.to_pylist() == many
    assert table.schema == SCHEMA


@given(st.lists(rows, max_size=12))
def test_jsonl_gives_back_the_rows(many: list[dict[str, Any]]) -> None:
    found = [json.loads(line) for line in written(many, "jsonl").decode().split("\n")[:-1]]

    for row in found:
        row["at"] = row["at"] and datetime.fromisoformat(row["at"])
    assert found == many


@given(st.lists(rows, max_size=12))
def test_csv_keeps_texts_as_they_are(many: list[dict[str, Any]]) -> None:
    found = list(csv.DictReader(io.StringIO(written(many, "csv").decode(), newline="")))

    assert [row["text"] for row in found] == [row["text"] or "" for row in many]
    assert [json.loads(row["list"]) for row in found] == [row["list"] for row in many]


@given(st.lists(rows, max_size=12), st.integers(1, 5), st.sampled_from(["jsonl", "csv", "parquet"]))
def test_bytes_do_not_depend_on_batches(many: list[dict[str, Any]], batch: int, form: str) -> None:
    assert written(many, form, batch) == written(many, form, 12)


def test_formula_in_a_csv_cell_is_not_changed() -> None:
    row = {"text": "=1+1", "number": 1.0, "yes": True, "at": None, "list": []}

    assert written([row], "csv") == b"text,number,yes,at,list\r\n=1+1,1.0,true,,[]\r\n"


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_stream_is_the_same_rows_in_every_format(table: str) -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    attribute, prompt = make_attribute(study, owner), make_prompt(study, owner)
    item = make_item(study, "relevance", attribute=attribute, prompt=prompt)
    judge(item, make_rater(study, owner), {"relevance": "must"}, "owner")

    lines = b"".join(stream_table(study, table, "jsonl")).splitlines()
    parquet = pq.read_table(io.BytesIO(b"".join(stream_table(study, table, "parquet"))))

    assert [list(json.loads(line)) for line in lines] == [parquet.column_names] * len(parquet)


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "form"), [("secrets", "jsonl"), ("conversations", "csv")])
def test_stream_of_what_does_not_exist_is_refused(table: str, form: str) -> None:
    with pytest.raises(ValidationError, match="only"):
        stream_table(make_study(), table, form)


@pytest.mark.django_db
def test_exports_write_files_of_their_format(tmp_path: Path) -> None:
    study = make_study()

    written = {name: export(study, tmp_path / name) for name, export in EXPORTS.items()}

    assert all(path.is_file() for paths in written.values() for path in paths)
    assert {path.name for path in written["csv"]} == {
        "judgments.csv",
        "attributes.csv",
        "relevance.csv",
        "responses.csv",
    }


@pytest.mark.django_db
def test_exported_trainer_folder_is_loaded_without_its_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    study = make_study()
    for n in range(30):
        owner = make_participant(study, f"p{n}")
        about = {
            "attribute": make_attribute(study, owner, f"a{n}"),
            "prompt": make_prompt(study, owner, f"q{n}", f"Week {n}?"),
        }
        item = make_item(study, "relevance", f"i{n}", **about)
        judge(item, make_rater(study, owner), {"relevance": "must"}, "owner")

    EXPORTS["relevance_classifier"](study, tmp_path)
    loaded = datasets.load_dataset(
        str(tmp_path / "relevance_classifier"), cache_dir=str(tmp_path / "cache")
    )

    assert set(loaded.column_names["train"]) == {"attribute", "prompt", "label"}
    assert sum(loaded.num_rows.values()) == 30


def test_arrow_is_loaded_only_where_parquet_is_written() -> None:
    """Else a process would wait for it at its first export, and keep fifty megabytes more."""
    here = settings.BASE_DIR / "releases"
    on_the_way = ("columns", "files", "people", "plain", "questions", "streaming", "writers")
    modules = [here / f"{name}.py" for name in on_the_way]
    modules += [*(here / "tables").glob("*.py"), *(here / "trainers").glob("*.py")]

    loaded = {
        name.name
        for module in modules
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.Import)
        for name in node.names
    }

    assert not {name for name in loaded if name.partition(".")[0] in ("pyarrow", "numpy")}
