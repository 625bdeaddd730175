"""Writing a study as a bundle: kind by kind, sorted by id, in constant memory."""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.exceptions import ValidationError

from releases.bundle.canonical import Record, encoded
from releases.bundle.records import RECORDS
from releases.bundle.rows.judging import (
    item_records,
    judgment_records,
    skip_records,
    task_records,
)
from releases.bundle.rows.links import link_records, verification_records
from releases.bundle.rows.people import participant_records, rater_records, study_records
from releases.bundle.rows.proposals import (
    attribute_records,
    prompt_records,
    response_records,
    selection_records,
)
from releases.bundle.rows.words import conversation_records
from releases.bundle.snapshot import snapshot
from studies.models import Study

WRITERS: dict[str, Callable[[Study], Iterator[Record]]] = {
    "study": study_records,
    "participant": participant_records,
    "conversation": conversation_records,
    "attribute": attribute_records,
    "prompt": prompt_records,
    "response": response_records,
    "selection": selection_records,
    "rater": rater_records,
    "item": item_records,
    "task": task_records,
    "judgment": judgment_records,
    "skip": skip_records,
    "attribute_link": link_records,
    "verification": verification_records,
}
"""What writes each kind, in the order of `RECORDS`."""

PART = ".part"


def bundle_lines(study: Study) -> Iterator[bytes]:
    """The whole study as lines, each with its kind: a bundle in one stream."""
    with snapshot():
        study.refresh_from_db()
        for kind in RECORDS:
            for record in WRITERS[kind](study):
                yield encoded(record)


def write_bundle(study: Study, folder: Path) -> list[Path]:
    """A file per kind that has any lines, `01_study.jsonl` … `14_verification.jsonl`; their paths.

    Raises ValidationError where the folder holds anything: a bundle is all `.jsonl` in it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValidationError(f"{folder} is not an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with snapshot():
        study.refresh_from_db()
        for number, kind in enumerate(RECORDS, start=1):
            path = folder / f"{number:02}_{kind}.jsonl{PART}"
            if _write(path, WRITERS[kind](study)):
                written.append(path)
    # Only now do they count as a bundle: half of one would import as if it were whole.
    return [path.rename(path.with_suffix("")) for path in written]


def _write(path: Path, records: Iterator[Record]) -> bool:
    """Were there any records to write?"""
    first = next(records, None)
    if first is None:
        return False
    with path.open("wb") as file:
        file.write(encoded(first))
        file.writelines(encoded(record) for record in records)
    return True
