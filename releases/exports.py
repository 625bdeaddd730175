"""Exports into a folder, by the name of their format: tables as they are now, trainer files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from releases.files import FileFacts, write_text
from releases.parts import write_trainer
from releases.splits import PARTS, splits_of
from releases.streaming import stream_table
from releases.tables.registry import TABLES
from releases.tables.table import source_of
from releases.trainers.registry import TRAINERS
from releases.writers import ENCODERS
from studies.models import Study

Export = Callable[[Study, Path], list[Path]]
"""Writes a study's files into a folder and returns their paths."""

SEED = 0
"""Draws the parts of trainer files, as in releases that ask for no other."""


def export_tables(form: str, study: Study, folder: Path) -> list[Path]:
    """`{table}.{form}` for every table that has this format."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for table in TABLES.values():
        if form in table.formats:
            written.append(folder / f"{table.name}.{form}")
            with written[-1].open("wb") as file:
                file.writelines(stream_table(study, table.name, form))
    return written


def export_trainer(name: str, study: Study, folder: Path) -> list[Path]:
    """`{name}/{part}.jsonl` and `{name}/{part}.meta.jsonl`, with a card that tells them apart."""
    folder.mkdir(parents=True, exist_ok=True)
    trainer = TRAINERS[name]
    files = write_trainer(
        folder,
        trainer,
        source_of(study),
        splits_of(study, SEED),
        lambda: None,
        folders={"jsonl": "."},
    )
    files.append(_trainer_card(folder / name, files))
    return [folder / path for path in sorted({f"{name}/{Path(file.path).name}" for file in files})]


def _trainer_card(folder: Path, files: list[FileFacts]) -> FileFacts:
    names = {Path(file.path).name for file in files}
    parts = [{"split": part, "path": f"{part}.jsonl"} for part in PARTS if f"{part}.jsonl" in names]
    front = {"configs": [{"config_name": folder.name, "data_files": parts}]}
    text = f"---\n{yaml.safe_dump(front, sort_keys=False)}---\n\n{TRAINERS[folder.name].title}\n"
    return write_text(folder, "README.md", text)


EXPORTS: dict[str, Export] = {
    **{form: partial(export_tables, form) for form in ENCODERS},
    **{name: partial(export_trainer, name) for name in TRAINERS},
}
"""By the name that `export --format` takes."""
