"""Loading participants with their consent, and raters."""

from annotation.models import Exclusion, Rater
from releases.actions.loading.load import Entry, Load, optional
from releases.bundle.lines import Refused
from releases.bundle.records import ConsentRow, ParticipantRecord, RaterRecord
from studies.bulk import Row, insert, new_id
from studies.models import Consent, Participant

PARTICIPANT = ("id", "study_id", "ref", "traits", "language", "basis", "is_expert", "extra")
CONSENT = ("participant_id", "scope", "version", "given_at", "withdrawn_at")
RATER = (
    "id", "study_id", "ref", "kind", "participant_id", "model", "prompt_version", "parameters",
    "n", "extra",
)  # fmt: skip
EXCLUSION = ("rater_id", "reason", "by", "at", "ended_at", "ended_by")


def load_participants(load: Load, entries: list[Entry[ParticipantRecord]]) -> None:
    """Write people and what they allowed."""
    people: list[Row] = []
    consents: list[Row] = []

    def take(entry: Entry[ParticipantRecord]) -> None:
        record = entry.record
        rows = _consent_rows(record)
        id = new_id()
        people.append(
            (
                id, load.study.id, record.id, record.traits or {}, record.language or "",
                record.consent.basis, record.is_expert, record.extra,
            )
        )  # fmt: skip
        consents.extend(
            (id, row.scope, row.version or "", row.given_at, row.withdrawn_at) for row in rows
        )

    load.taken(load.unknown(Participant, entries), take)
    insert(Participant, PARTICIPANT, people)
    insert(Consent, CONSENT, consents)


def _consent_rows(record: ParticipantRecord) -> list[ConsentRow]:
    told = record.consent
    rows = [
        ConsentRow.model_construct(scope=scope, version=told.version, given_at=told.given_at)
        for scope in told.scopes
    ] + record.consents
    in_force = [(row.scope, row.version or "") for row in rows if not row.withdrawn_at]
    if len(set(in_force)) < len(in_force):
        raise Refused("consent", "names a scope twice for the same version")
    return rows


def load_raters(load: Load, entries: list[Entry[RaterRecord]]) -> None:
    """Write who judges."""
    people = load.ids(Participant, (entry.record.participant for entry in entries))
    judging = set(
        Rater.objects.filter(participant__in=people.values()).values_list("participant", flat=True)
    )
    rows: list[Row] = []
    exclusions: list[Row] = []

    def take(entry: Entry[RaterRecord]) -> None:
        record = entry.record
        participant_id = optional(people, record.participant, "participant")
        _check_rater(record)
        if participant_id and participant_id in judging:
            raise Refused("participant", "has another rater already")
        judging.add(participant_id)
        id = new_id()
        rows.append(
            (
                id, load.study.id, record.id, record.rater_kind, participant_id,
                record.model or "", record.prompt_version or "", record.parameters, record.n,
                record.extra,
            )
        )  # fmt: skip
        exclusions.extend(
            (id, row.reason, "", row.at, row.ended_at, "") for row in record.exclusions
        )

    load.taken(load.unknown(Rater, entries), take)
    insert(Rater, RATER, rows)
    insert(Exclusion, EXCLUSION, exclusions)


def _check_rater(record: RaterRecord) -> None:
    if record.participant and record.rater_kind != "human":
        raise Refused("participant", f"a rater of kind {record.rater_kind} is no person")
    if record.exclusions and record.rater_kind != "human":
        raise Refused("exclusions", f"a rater of kind {record.rater_kind} is never left out")
    if sum(row.ended_at is None for row in record.exclusions) > 1:
        raise Refused("exclusions", "leaves somebody out twice at once")
