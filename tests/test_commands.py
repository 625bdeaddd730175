"""Commands as a shell runs them: the exit status, a sentence on stderr, and on stdout only JSON."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

from collection.models import Conversation
from generation.models import Prompt
from studies.models import Study
from tests.samples import make_study
from tests.site import ROOT

# Each command closes its connections when it leaves, as a process does.
pytestmark = pytest.mark.django_db(transaction=True)

STUDY = "slug: alps\ntitle: {en: Alps}\nstages: {response: {}}\n"
FINE = b'{"kind":"prompt","id":"q0","text":"Hello"}\n'
LONG_TURN = (
    b'{"kind":"conversation","id":"c1","source":"imported","turns":[{"role":"user","content":"'
    + 5_000_000 * b"x"
    + b'"}]}\n'
)

Ran = tuple[int, str, str]
Manage = Callable[..., Ran]


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Manage:
    """Run a command line; its exit status, stdout and stderr."""

    def ran(*arguments: str) -> Ran:
        status = 0
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return ran


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"slug: a\ntitle: {en: A}\ncolour: red\n", "line 3, colour: Unknown key “colour”."),
        (b'slug: a\ntitle: {en: "\\0"}\n', "line 2: A text cannot hold the character NUL."),
        (b"slug: a\ntitle: {en: Z\xfcrich}\n", "can't decode byte 0xfc"),
        (b"slug: a\ntitle: {en: A}\nstages: {cooking: {}}\n", "line 3, stages.cooking: "),
    ],
    ids=["unknown key", "NUL", "not UTF-8", "unknown stage"],
)
def test_load_study_refuses_with_a_sentence(
    manage: Manage, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "study.yaml").write_bytes(content)

    status, out, err = manage("load_study", str(tmp_path / "study.yaml"), "--json")

    assert (status, out, Study.objects.count()) == (1, "", 0)
    assert err.startswith("CommandError: ")
    assert sentence in err


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LONG_TURN, "turns[0].content: String should have at most 1000000 characters"),
        (b'{"kind":"prompt","id":"q1","text":"\xff"}\n', "is not UTF-8: byte 36 of the line"),
        (b'{"kind":"prompt","id":"q1","text":"\\u0000"}\n', "text: holds the character NUL"),
        (b'{"kind":"response","id":"r1","prompt":"x","text":""}\n', "prompt: “x” is not there"),
    ],
    ids=["5 MB turn", "not UTF-8", "NUL", "dangling reference"],
)
def test_import_data_names_the_place_and_stores_nothing(
    manage: Manage, tmp_path: Path, line: bytes, reason: str
) -> None:
    make_study()
    bundle = tmp_path / "bundle.jsonl"
    bundle.write_bytes(FINE + line)

    status, out, err = manage("import_data", "--study", "alps", "--json", str(bundle))

    assert (status, out) == (1, "")
    assert err.startswith(f"{bundle}:2: {reason}")
    assert err.endswith("CommandError: The import was refused; nothing was stored.\n")
    assert not Prompt.objects.exists()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["load_study"],
        ["import_data", "--study", "alps", "--format", "cake", "x"],
        ["agreement", "--study", "alps", "--stage", "cooking"],
        ["judge", "--study", "alps", "--stage", "response"],
        ["create_token", "--user", "x", "--study", "alps", "--scope", "god"],
        ["release", "--study", "alps", "--seed", "many"],
        ["export", "--study", "alps"],
        ["agreement", "--study", "alps", "--stage", "response", "--colour", "red"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(manage: Manage, arguments: list[str]) -> None:
    status, out, err = manage(*arguments)

    assert (status, out) == (2, "")
    assert err.startswith("usage: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["agreement", "--stage", "response", "--study", "none"], "There is no study “none”."),
        (["agreement", "--stage", "response", "--study", "a\udcff"], "--study is not UTF-8"),
        (["judge", "--stage", "response", "--judge", "x", "--study", "alps"], "no judge named “x”"),
        (["import_data", "--study", "none", "x.jsonl"], "There is no study “none”"),
        (["import_data", "--study", "alps", "none.jsonl"], "none.jsonl: cannot be read"),
        (["export", "--study", "alps", "--out", "/proc/none"], "/proc/none: No such file"),
        (["create_token", "--user", "x", "--study", "alps", "--scope", "read"], "no user “x”"),
        (["load_study", "none.yaml"], "none.yaml cannot be read"),
    ],
)
def test_refusal_exits_with_1_and_a_sentence(
    manage: Manage, arguments: list[str], sentence: str
) -> None:
    make_study()

    status, out, err = manage(*arguments)

    assert (status, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err


def test_json_is_all_that_stands_on_stdout(manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(STUDY)
    (tmp_path / "bundle.jsonl").write_bytes(FINE)
    lines = [
        ["load_study", str(tmp_path / "study.yaml")],
        ["import_data", "--study", "alps", str(tmp_path / "bundle.jsonl")],
        ["open_tasks", "--study", "alps"],
        ["agreement", "--study", "alps", "--stage", "response"],
        ["export", "--study", "alps", "--out", str(tmp_path / "out")],
        ["evaluate_extraction", "--study", "alps"],
    ]

    for line in lines:
        status, out, _err = manage(*line, "--json")
        assert (status, type(json.loads(out))) == (0, dict), line


def test_database_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "manage.py", "agreement", "--study", "alps", "--stage", "response"],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'empty'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "CommandError: The database can't be used: no such table: studies_study\n"
