"""`import_data` and `export` as operators run them."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from releases.bundle.writing import bundle_lines
from studies.models import Participant, Study

pytestmark = pytest.mark.django_db

STUDY = '{"kind":"study","id":"s","document":{"slug":"x","title":{"en":"X"}}}\n'
PERSON = '{"kind":"participant","id":"p"}\n'


def run(*arguments: str) -> tuple[str, str]:
    """What a command wrote to stdout and to stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def folder_with(path: Path, text: str) -> str:
    """A bundle of one file."""
    (path / "bundle.jsonl").write_text(text)
    return str(path)


def test_import_data_makes_the_study_under_the_slug_given(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, STUDY + PERSON)

    out, err = run("import_data", "--study", "alps", "--create", "--json", folder)

    document = json.loads(out)
    assert (document["counts"], err) == ({"study": 1, "participant": 1}, "")
    assert Study.objects.get(slug="alps").document["slug"] == "alps"


def test_import_data_names_file_line_field_and_reason(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, STUDY + '{"kind":"participant","id":1}\n')

    out, err = run("import_data", "--study", "alps", "--create", folder)

    place = f"{tmp_path / 'bundle.jsonl'}:2: id: should be a valid string"
    assert (out, err.splitlines()) == (
        "",
        [place, "The import was refused; nothing was stored."],
    )
    assert not Study.objects.exists()


def test_import_data_lists_what_it_left_out(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, STUDY + PERSON + PERSON)

    out, err = run("import_data", "--study", "alps", "--create", "--skip-bad", folder)

    assert "left out: 1" in out
    assert err.endswith("bundle.jsonl:3: id: stands twice in these files\n")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("missing", "missing: cannot be read: No such file"), ("", "holds no file that ends in")],
)
def test_import_data_says_what_it_cannot_read(tmp_path: Path, name: str, sentence: str) -> None:
    _, err = run("import_data", "--study", "x", "--create", str(tmp_path / name))

    assert sentence in err


def test_import_data_does_not_make_a_study_unasked(tmp_path: Path) -> None:
    _, err = run("import_data", "--study", "alps", folder_with(tmp_path, STUDY))

    assert err == "There is no study “alps”; --create makes it."


def test_export_writes_a_folder_that_is_a_bundle(tmp_path: Path) -> None:
    study = Study.objects.create(slug="alps", document={"slug": "alps", "title": {}})
    Participant.objects.create(study=study, ref="p")

    run("export", "--study", "alps", "--out", str(tmp_path / "out"))

    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == ["01_study.jsonl", "02_participant.jsonl"]
    assert b"".join(file.read_bytes() for file in files) == b"".join(bundle_lines(study))


def test_export_leaves_a_folder_alone_that_holds_anything(tmp_path: Path) -> None:
    Study.objects.create(slug="alps")
    (tmp_path / "mine.txt").touch()

    _, err = run("export", "--study", "alps", "--out", str(tmp_path))

    assert err == f"{tmp_path} is not an empty folder."
