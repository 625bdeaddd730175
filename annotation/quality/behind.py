"""The judgments behind a signal: what one rater said, beside what others said of the same."""

from collections import Counter
from typing import Any
from uuid import UUID

import numpy as np

from annotation.models import Item
from annotation.quality.reading import Reading
from annotation.quality.sheets import Measure, Sheet
from annotation.quality.table import Codes

MOST_SHOWN = 30


def behind(reading: Reading, measure: Measure, code: int) -> Codes:
    """Places of a rater's judgments behind a signal, in the order of time."""
    rater = reading.record.visits.rater[measure.evidence]
    return np.unique(measure.evidence[rater == code])


def evidence_rows(reading: Reading, measure: Measure, places: Codes) -> list[dict[str, Any]]:
    """At most `MOST_SHOWN` of them."""
    visits, places = reading.record.visits, places[:MOST_SHOWN]
    sheets = [one for one in reading.record.sheets if measure.question in ("", one.name)]
    given = reading.people.given
    items = _refs({given[place].item for place in places})
    return [
        {
            "judgment": given[place].ref,
            "stage": given[place].stage,
            "item": items[given[place].item],
            "seconds": given[place].seconds,
            "words": round(float(visits.words[place])),
            "answers": [row for sheet in sheets for row in _answers(reading, sheet, place)],
        }
        for place in places.tolist()
    ]


def _refs(items: set[UUID]) -> dict[UUID, str]:
    return dict(Item.objects.filter(pk__in=items).values_list("pk", "ref"))


def _answers(reading: Reading, sheet: Sheet, place: int) -> list[dict[str, Any]]:
    """What the judgment says on one question, per target; and everybody else on the same."""
    labels, units = reading.labels[sheet.name], reading.units[sheet.name]
    entries = np.flatnonzero(sheet.judgment == place).tolist()
    targets = [units[sheet.table.unit[entry]][1] for entry in entries]
    return [
        {
            "question": sheet.name.partition("/")[2],
            "target": target or None,
            "answer": labels[sheet.table.label[entry]],
            "expected": reading.right[sheet.name].get((place, target), []),
            "others": _others(sheet, entry, labels),
        }
        for entry, target in zip(entries, targets, strict=True)
    ]


def _others(sheet: Sheet, entry: int, labels: list[str]) -> dict[str, int]:
    table = sheet.table
    same = (table.unit == table.unit[entry]) & (table.rater != table.rater[entry])
    counts = Counter(labels[code] for code in table.label[same].tolist())
    return dict(sorted(counts.items()))
