"""What comes before a site answers: the gate, preparing in a process of its own, and warming."""

import os
import threading
from pathlib import Path

import pytest

from annotation.choices import Stage
from annotation.rubrics import loading
from config import warming
from config.gate import Gate, wait_at
from config.places import NoPlace, check_data_dir
from config.site import CannotStart, preparing
from config.supervisor import Supervisor
from tests.site import ROOT


def test_gate_lets_pass_once_it_is_open() -> None:
    gate = Gate()
    waiting = threading.Thread(target=wait_at, args=(gate.number,))
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()

    gate.open()
    gate.open()

    waiting.join(30)
    assert not waiting.is_alive()
    wait_at(gate.number)  # Who comes later does not wait.
    os.close(gate.number)


def test_preparation_that_breaks_says_what_it_wrote_last(tmp_path: Path) -> None:
    own = {"PATH": os.environ["PATH"], "PORT": "none", "DATA_DIR": str(tmp_path)}
    supervisor = Supervisor(logs=tmp_path, directory=ROOT, environment=own)

    with (
        pytest.raises(CannotStart, match=r"(?s)not prepared; .*preparing.log ends with:.*PORT"),
        preparing(supervisor) as facts_of,
    ):
        facts_of()


@pytest.mark.parametrize(("kind", "is_refused"), [("nfs4", True), ("ext4", False)])
def test_sqlite_is_refused_on_a_disk_shared_between_hosts(
    tmp_path: Path, kind: str, is_refused: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / {kind} rw 0 0\n")
    check_data_dir(tmp_path, is_sqlite=False, mounts=mounts)

    if is_refused:
        with pytest.raises(NoPlace, match="SQLite is not safe on nfs4"):
            check_data_dir(tmp_path, is_sqlite=True, mounts=mounts)
    else:
        check_data_dir(tmp_path, is_sqlite=True, mounts=mounts)


def test_warmed_process_reads_no_default_rubric_again() -> None:
    # Without the mark of pytest-django it could not ask the database.
    warming.load()
    read = loading._read.cache_info().misses

    for stage in Stage.values:
        loading.load_default(stage)

    assert loading._read.cache_info().misses == read
