"""The data set card (`README.md`), which `datasets.load_dataset` reads to find the files."""

from collections.abc import Sequence
from typing import Any

import yaml

from releases.configs import Config
from releases.models import Release
from releases.people import judgments_withheld
from releases.tables.table import Source

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)

BODY = """
# {title}

{description}

Release {version} of the study `{slug}`, made with Firsthand: judgments of the same items by the
person they are about (owner), by other people (peers, experts) and by language models (llm).
{invented}
```python
from datasets import load_dataset

rows = load_dataset("path/to/this/folder", "{default}")
```

## What it holds

| config | rows | one row per |
|---|---|---|
{configs}

`data/` and `trainers/` are Parquet; `jsonl/` and `csv/` hold the same rows. `manifest.json` has the
size, row count and SHA-256 of every file and the versions of rubrics and prompts; `CHANGES.md` says
what changed since the release before; `tombstones.jsonl` names what was taken back since: if you
hold an earlier release, delete these ids (or their words) from it.

## Columns of answers

In `attributes`, `relevance` and `responses` a question has the columns `{{question}}__owner`,
`__peers` (one answer per peer), `__peers_n`, `__peers_majority` (the answer given more often than
any other; null in a draw), `__peers_share` (of "yes" where the rubric marks such options, else of
the majority answer; answers off the scale are not counted), `__peers_mean` (of a slider),
`__experts`, `__aggregates` (published means or votes) and `__llm` (every judge, arm, order and
sample). Pairwise answers are in terms of the item's own order, whatever side was shown.
Hidden repeats and attention checks are in `judgments` only. There, a judgment without an answer is
one row without a question, and `usable` is false where a model's answer could not be read.
`excluded` is true for answers of raters whom the researchers had left out of their figures when
this was made. They are in every table and trainer file like all others: leave these rows out to
count without them. `simulated` is true for answers of raters whom a dry run made up: no person gave
them. They too are in every table and trainer file; leave them out of anything but a rehearsal.
`added` is true for answers asked for because others to the same item disagreed, an adjudicator's
among them: they help to decide an item, and are a fair sample of none.

## Trainer files

They carry the trainer's columns and nothing else; `….meta.parquet` beside each has the ids, row by
row. The owner's answer decides; without one, the majority of the other people; without any, a
published aggregate. Models never decide. Ties, draws and unusable answers make no preference.

## Parts

Train, validation and test (80/10/10 in expectation) are drawn by SHA-256 with the seed {seed}. They
are disjoint in the persons whom the data is about and in prompts, prompts of equal text included.
Raters may have judged in all parts. A part without rows has no file.

## Consent

People are pseudonyms. A text leaves with the consent `publish_words` of the person it belongs to,
an answer with `publish_ratings` of the rater and of those it is about. Where words stay behind, the
row keeps its ids and `withheld` is true. Judgments left out because their raters did not allow
ratings to be published: {withheld}. Do not try to find out who somebody is.
"""


def card(release: Release, source: Source, configs: Sequence[Config]) -> str:
    """The whole card: YAML front matter and text."""
    front = yaml.safe_dump(_front(source, configs), sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n{_body(release, source, configs)}"


def config_section(configs: Sequence[Config]) -> list[dict[str, Any]]:
    """What tells `datasets` which files make up which part of which config."""
    return [
        {
            "config_name": config.name,
            **({"default": True} if config is configs[0] else {}),
            "data_files": [
                {"split": part, "path": file.path} for part, file in config.files.items()
            ],
        }
        for config in configs
    ]


def _front(source: Source, configs: Sequence[Config]) -> dict[str, Any]:
    rows = max((config.rows for config in configs), default=0)
    return {
        "pretty_name": source.study.title(),
        "language": source.study.languages,
        "size_categories": [next((name for most, name in SIZES if rows < most), "n>10M")],
        "tags": ["human-feedback", "personalization", "llm-as-judge"],
        "configs": config_section(configs),
    }


def _body(release: Release, source: Source, configs: Sequence[Config]) -> str:
    study = source.study
    is_invented = bool(study.document.get("is_invented"))
    return BODY.format(
        title=study.title(),
        description=study.text("description"),
        version=release.version,
        slug=study.slug,
        invented="\nThe people in it are invented.\n" if is_invented else "",
        default=configs[0].name if configs else "judgments",
        configs="\n".join(f"| `{c.name}` | {c.rows:,} | {c.title} |" for c in configs),
        seed=release.seed,
        withheld=judgments_withheld(study, source.people),
    )
