"""What a panel says of its people beside what we say: who is done, paid, gone, or unknown."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studies.models import Participant, Study
from studies.recruitment.exports import ExportRow, read_export
from studies.recruitment.identities import participants_by_id
from studies.recruitment.models import PanelIdentity
from studies.recruitment.panel import ExportColumns, Panel
from studies.recruitment.sealing import Unreadable, unseal
from studies.spreadsheets import safe_cell

DONE = Participant.Outcome.DONE
FINDINGS: dict[str, Promise] = {
    "agrees": _("Both say the same"),
    "only_panel": _("The panel says done, we do not"),
    "only_we": _("We say done, the panel does not"),
    "other_code": _("The code is not the one of what happened here"),
    "unknown": _("Unknown to us: opened, and did not agree, or never came"),
    "not_listed": _("Took part here and is not in the panel's list"),
}
COUNTED = ("panel_done", "we_done", "paid", "returned", "timed_out", "unknown", "not_listed")
CSV_HEADER = ("submission", "participant", "panel_status", "our_outcome", "our_code", "finding")


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the panel's list, or one of ours that it lacks."""

    row: ExportRow
    outcome: str
    """Ours; empty where we know nobody by the id."""
    code: str
    """Of that outcome."""
    finding: str

    @property
    def words(self) -> Promise:
        """The finding as a sentence."""
        return FINDINGS[self.finding]

    @property
    def has_other_code(self) -> bool:
        """Did they hand in the code of something else? `row.code` came, `code` was expected."""
        return self.finding == "other_code"

    @property
    def needs_a_look(self) -> bool:
        """Do the two sides differ?"""
        return self.finding != "agrees"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All lines, those that need a look first, and how many say what."""

    lines: list[Line]
    counts: dict[str, int]


def reconcile(study: Study, panel: Panel, data: bytes) -> Reconciliation:
    """Compare the panel's exported list with our participants; nothing of it is stored.

    Raises ValidationError with the line where the list cannot be read.
    """
    rows = read_export(data, panel.columns)
    known = participants_by_id(study, panel.name, [row.person for row in rows])
    lines = [_line(row, known.get(row.person), panel) for row in rows]
    lines += _not_listed(study, panel, list(known.values()))
    lines.sort(key=lambda line: not line.needs_a_look)
    return Reconciliation(lines, _counts(lines, panel.columns))


def _line(row: ExportRow, participant: Participant | None, panel: Panel) -> Line:
    outcome = participant.outcome if participant else ""
    code = panel.codes.for_outcome(outcome) or ""
    return Line(row, outcome, code, _finding(row, outcome, code, panel.columns))


def _finding(row: ExportRow, outcome: str, code: str, columns: ExportColumns) -> str:
    if not outcome:
        return "unknown"
    is_done_there = _says(row, columns.done) or _says(row, columns.paid)
    if row.code and code and row.code != code:
        return "other_code"
    if is_done_there and outcome == Participant.Outcome.UNDER_WAY:
        return "only_panel"
    if outcome == DONE and not is_done_there:
        return "only_we"
    return "agrees"


def _not_listed(study: Study, panel: Panel, listed: Sequence[Participant]) -> list[Line]:
    ours = PanelIdentity.objects.filter(study=study, panel=panel.name)
    missing = ours.exclude(participant__in=listed).select_related("participant")
    lines = []
    for identity in missing.order_by("participant__ref"):
        row = ExportRow(person=_opened(identity), status="", code="", submission="")
        outcome = identity.participant.outcome
        code = panel.codes.for_outcome(outcome) or ""
        lines.append(Line(row, outcome, code, "not_listed"))
    return lines


def _opened(identity: PanelIdentity) -> str:
    """The panel's id; empty where it was sealed with a key that is gone, or for another row."""
    try:
        values = unseal(identity.sealed)
    except Unreadable:
        return ""
    return values["person"] if values["participant"] == identity.participant_id.hex else ""


def _counts(lines: Sequence[Line], columns: ExportColumns) -> dict[str, int]:
    """By COUNTED; an empty status says nothing."""
    counts = dict.fromkeys(COUNTED, 0)
    for line in lines:
        counts["panel_done"] += _says(line.row, columns.done)
        counts["we_done"] += line.outcome == DONE
        counts["paid"] += _says(line.row, columns.paid)
        counts["returned"] += _says(line.row, columns.returned)
        counts["timed_out"] += _says(line.row, columns.timed_out)
        counts["unknown"] += line.finding == "unknown"
        counts["not_listed"] += line.finding == "not_listed"
    return counts


def _says(row: ExportRow, statuses: Sequence[str]) -> bool:
    return _plain(row.status) in {_plain(status) for status in statuses}


def _plain(status: str) -> str:
    return status.lower().replace("-", " ").replace("_", " ").strip()


def as_csv(found: Reconciliation) -> Iterator[str]:
    """The lines as CSV for whoever settles things with the panel; safe to open in a spreadsheet."""
    yield _written(CSV_HEADER)
    for line in found.lines:
        row = line.row
        cells = (row.submission, row.person, row.status, line.outcome, line.code, line.finding)
        yield _written(cells)


def _written(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
