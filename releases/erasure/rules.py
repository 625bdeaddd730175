"""What an erasure does to each table; a test walks the schema and fails where a rule is missing."""

from releases.subjects import ABOUT

DELETED = tuple(ABOUT)
"""Tables of which the person's rows go, in this order."""

GOES_WITH: dict[str, str] = {
    "work.Job": "jobs about them go",
    "work.JobResult": "goes with its job",
    "work.Revival": "goes with its job",
    "llm.Budget": "their own goes; what was spent on them stays in those of the study",
    "admin.LogEntry": "entries about rows that are deleted go with them",
    "sessions.Session": "forgets that this browser entered as them; goes if nothing else is in it",
    "studies.User": "goes if the account was used for nothing but this",
    "studies.User_groups": "goes with the account",
    "studies.User_user_permissions": "goes with the account",
    "account.EmailAddress": "goes with the account",
    "account.EmailConfirmation": "goes with the address",
    "mfa.Authenticator": "goes with the account",
    "usersessions.UserSession": "goes with the account",
}
"""Tables whose rows about them go by a step of their own."""

EMPTIED: dict[str, str] = {
    "llm.Call.raw_response": "what was said about them",
    "llm.Call.request_digest": "could confirm a guess at what was asked",
    "llm.Call.provider_request_id": "names the question at the provider",
    "studies.Payment.reason": "may tell who it was",
    "releases.Release.failure": "may quote a row of theirs",
}
"""Columns of rows that stay without naming them, which lose what may tell of them."""

RESEARCHERS = "written by those who run the study"
OURS = "names and figures of this installation"

KEPT: dict[str, str] = {
    "llm.Call.scope": OURS,
    "llm.Call.purpose": OURS,
    "llm.Call.outcome": OURS,
    "llm.Call.flags": OURS,
    "llm.Call.model_asked": OURS,
    "llm.Call.model_answered": OURS,
    "llm.Call.prompt_version": OURS,
    "llm.Call.params": "the model's parameters",
    "annotation.DisputeMark": OURS,
    "annotation.Tally.counts": "numbers, and the names of judges",
    "studies.Payment.part": OURS,
    "studies.Payment.currency": OURS,
    "studies.Payment.by": RESEARCHERS,
    "releases.Release.manifest": "names, sizes and digests of files that are deleted; counts",
    "releases.Erasure.receipt": "what the person keeps",
    "releases.Erasure.counts": "rows erased, by table",
    "releases.Tombstone": "the names of rows that copies of a release have to delete",
    "annotation.RubricVersion": RESEARCHERS,
    "studies.Study": RESEARCHERS,
    "studies.Membership": RESEARCHERS,
    "studies.ApiToken": RESEARCHERS,
    "studies.Invitation": RESEARCHERS,
    "llm.Endpoint": OURS,
    "llm.EndpointHealth": OURS,
    "work.Run": "a plan of kinds, models and counts",
    "work.RunAct": RESEARCHERS,
    "work.Lane": "an endpoint's name and when it may be asked",
    "work.WorkerHeartbeat": OURS,
    "work.Tick": OURS,
    "auth.Permission": OURS,
    "auth.Group": OURS,
    "auth.Group_permissions": OURS,
    "contenttypes.ContentType": OURS,
}
"""Tables and columns that an erasure leaves as they are, and why it may."""
