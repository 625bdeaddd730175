"""The formats that can be imported, by name."""

from releases.importers.bundle import BUNDLE
from releases.importers.format import Format
from releases.importers.ikat import IKAT
from releases.importers.laps import LAPS
from releases.importers.pandalm import PANDALM

FORMATS: dict[str, Format] = {one.name: one for one in (BUNDLE, LAPS, IKAT, PANDALM)}
