"""What a release holds: every table and trainer file in parts, and what is said about them.

    data/{table}/{part}.parquet            the tables
    trainers/{trainer}/{part}.parquet      trainer files, and beside each its sidecar of ids:
    trainers/{trainer}/{part}.meta.parquet
    jsonl/…  csv/…                         the same rows in other formats, in folders of their own,
                                           as a folder of mixed formats cannot be loaded
    README.md  croissant.json  manifest.json  CHANGES.md  tombstones.jsonl

Nothing in a file depends on when, where or how often it is built.
"""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from annotation.digests import sha256_of
from annotation.models import Rater, RubricVersion
from generation.models import Attribute, Response
from releases.card import card
from releases.changes import changes_text, release_before, write_tombstones
from releases.configs import Config, configs_of
from releases.croissant import croissant
from releases.files import FileFacts, sync_folders, write_text
from releases.models import Release
from releases.parts import KeepAlive, write_rows
from releases.people import SCOPES, judgments_withheld
from releases.splits import splits_of
from releases.tables.table import Source
from releases.tombstones import stones_before
from studies.models import Study

Manifest = dict[str, Any]


def build(*, release: Release, source: Source, root: Path, keep_alive: KeepAlive) -> Manifest:
    """Fill an empty folder with a release's files; all of it is on disk on return.

    Memory grows with persons and prompts, not with judgments; each table is read once, and the
    responses and relevance again for the trainer files.
    """
    files = write_rows(root, source, splits_of(source.study, release.seed), keep_alive)
    configs = configs_of(files, source)
    files += _write_history(release, root)
    files += _write_descriptions(release, source, configs, root)
    manifest = manifest_of(release, source, configs, files)
    write_text(root, "manifest.json", _pretty(manifest))
    sync_folders(root)
    return manifest


def _write_history(release: Release, root: Path) -> list[FileFacts]:
    before = release_before(release)
    carried = stones_before(release, before)
    tombstones, changes = write_tombstones(root, before.folder if before else None, carried)
    text = changes_text(release, before, changes)
    return [tombstones, write_text(root, "CHANGES.md", text)]


def _write_descriptions(
    release: Release, source: Source, configs: Sequence[Config], root: Path
) -> list[FileFacts]:
    described = croissant(release, source, configs)
    return [
        write_text(root, "README.md", card(release, source, configs)),
        write_text(root, "croissant.json", _pretty(described)),
    ]


def manifest_of(
    release: Release, source: Source, configs: Sequence[Config], files: Sequence[FileFacts]
) -> Manifest:
    """What the release is made of; every file but the manifest itself is in it."""
    before = release_before(release)
    return {
        "study": source.study.slug,
        "version": release.version,
        "follows": before.version if before else None,
        "seed": release.seed,
        "code": {"firsthand": code_version(), "pyarrow": pa.__version__},
        "rubrics": rubrics_of(source.study),
        "prompts": prompt_versions_of(source.study),
        "consent": {
            "scopes": list(SCOPES),
            **source.people.counts(),
            "judgments_withheld": judgments_withheld(source.study, source.people),
        },
        "rows": {
            config.name: {part: file.rows for part, file in config.files.items()}
            for config in configs
        },
        "files": [asdict(file) for file in sorted(files, key=lambda file: file.path)],
    }


def code_version() -> str:
    """The version of this code, from the project's own file."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))
    version: str = project["project"]["version"]
    return version


def rubrics_of(study: Study) -> list[dict[str, Any]]:
    """Every rubric version that answers may refer to, with its digest."""
    rows = RubricVersion.objects.filter(study=study).order_by("stage", "version")
    return [
        {"stage": stage, "version": version, "sha256": sha256_of(document)}
        for stage, version, document in rows.values_list("stage", "version", "document")
    ]


def prompt_versions_of(study: Study) -> dict[str, list[str]]:
    """The versions of the prompts that judges, extractors and generators were given."""
    judges = Rater.objects.filter(study=study, kind=Rater.Kind.LLM)
    found = {
        "judging": judges.values_list("prompt_version", flat=True),
        "extraction": Attribute.objects.filter(study=study).values_list(
            "provenance__prompt_version", flat=True
        ),
        "response": Response.objects.filter(study=study).values_list(
            "provenance__prompt_version", flat=True
        ),
    }
    return {
        use: sorted(version for version in versions.order_by().distinct() if version)
        for use, versions in found.items()
    }


def _pretty(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
