"""Who may do what at each address: one line per route; a route without a line fails the suite.

`reads` says who may be answered GET, HEAD and OPTIONS, `writes` who may be answered POST, PUT,
PATCH and DELETE, with anything but a refusal; `knows` who may besides be told that the thing is
there. Everybody else must not be able to tell what exists and is foreign from what does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ANONYMOUS = "anonymous"
STRANGER = "participant of another study"
PEER = "another participant of the study"
OWNER = "the participant whose things they are"
OUTSIDER = "manager of another study"
VIEWER = "viewer of the study"
MANAGER = "manager of the study"
STAFF = "staff without a second factor"
SUPERUSER = "superuser"
READ = "token that reads"
JUDGE = "token that judges"
MANAGE = "token that manages"
FOREIGN_READ = "token of another study that reads"
FOREIGN_MANAGE = "token of another study that manages"

BROWSERS = (
    ANONYMOUS, STRANGER, PEER, OWNER, OUTSIDER, VIEWER, MANAGER, STAFF, SUPERUSER,
)  # fmt: skip
TOKENS = (READ, JUDGE, MANAGE, FOREIGN_READ, FOREIGN_MANAGE)

Who = frozenset[str]

NOBODY: Who = frozenset()
EVERYBODY: Who = frozenset([*BROWSERS, *TOKENS]) - {STAFF}
"""Staff without a second factor get no page but those to set it up."""
PARTICIPANTS: Who = frozenset({PEER, OWNER})
THE_OWNER: Who = frozenset({OWNER})
SIGNED_IN: Who = frozenset({OWNER, OUTSIDER, VIEWER, MANAGER, SUPERUSER})
RESEARCHERS: Who = frozenset({VIEWER, MANAGER, SUPERUSER})
MANAGERS: Who = frozenset({MANAGER, SUPERUSER})
OPERATORS: Who = frozenset({SUPERUSER})
OF_THE_STUDY: Who = frozenset({PEER, OWNER, VIEWER, MANAGER, SUPERUSER, READ, JUDGE, MANAGE})
"""They know that it exists."""
ENROLLING: Who = SIGNED_IN | {STAFF}
ALL_TOKENS: Who = frozenset(TOKENS)
OWN_TOKENS: Who = frozenset({READ, JUDGE, MANAGE})
JUDGING: Who = frozenset({JUDGE, MANAGE})
MANAGING: Who = frozenset({MANAGE})


@dataclass(frozen=True, slots=True)
class Policy:
    """Who gets in, and what to send so that nothing but who asks can be in the way."""

    reads: Who
    writes: Who = NOBODY
    knows: Who = NOBODY
    body: Mapping[str, object] = field(default_factory=dict)


def page(reads: Who, writes: Who | None = None, knows: Who = NOBODY, **body: object) -> Policy:
    """A page whose form is for those who see it, unless told otherwise."""
    return Policy(reads, reads if writes is None else writes, knows, body)


POLICIES: dict[str, Policy] = {
    # What runs the site.
    "healthz": page(EVERYBODY | {STAFF}),
    "readyz": page(EVERYBODY | {STAFF}),
    # Who asks from this machine, where there is no METRICS_TOKEN.
    "metrics": page(EVERYBODY | {STAFF}),
    # The API; the addresses stand for names.
    "api-schema": Policy(EVERYBODY | {STAFF}),
    "api-docs": Policy(EVERYBODY | {STAFF}),
    "api-root": Policy(EVERYBODY | {STAFF}),
    "api/v1/studies/": page(ALL_TOKENS, frozenset({MANAGE, FOREIGN_MANAGE})),
    "api/v1/studies/<slug:slug>/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/import/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/runs/": page(OWN_TOKENS, MANAGING, stage="extraction"),
    "api/v1/studies/<slug:slug>/runs/<uuid:run_id>/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/runs/<uuid:run_id>/start/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/runs/<uuid:run_id>/pause/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/runs/<uuid:run_id>/resume/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/runs/<uuid:run_id>/cancel/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/runs/<uuid:run_id>/retry/": page(
        NOBODY, MANAGING, OWN_TOKENS, reason="a new key"
    ),
    "api/v1/studies/<slug:slug>/tasks/next/": page(
        NOBODY, JUDGING, OWN_TOKENS, stage="extraction", role="peer"
    ),
    "api/v1/studies/<slug:slug>/close/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/open/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/agreement/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/judges/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/labels/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/raters/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/raters/<path:rater>/": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/raters/<path:rater>/exclusion/": page(
        NOBODY, MANAGING, OWN_TOKENS, reason="does not read"
    ),
    "api/v1/studies/<slug:slug>/raters/<path:rater>/others/": page(NOBODY, MANAGING, OWN_TOKENS),
    "api/v1/studies/<slug:slug>/export/<slug:table>.<slug:format_name>": Policy(OWN_TOKENS),
    "api/v1/studies/<slug:slug>/releases/": page(OWN_TOKENS, MANAGING),
    "api/v1/assignments/<uuid:assignment_id>/submit/": page(NOBODY, JUDGING, OWN_TOKENS),
    "api/v1/assignments/<uuid:assignment_id>/release/": page(NOBODY, JUDGING, OWN_TOKENS, fence=1),
    "api/v1/releases/<uuid:release_id>/": Policy(OWN_TOKENS),
    "api/v1/releases/<uuid:release_id>/files/<path:name>": Policy(OWN_TOKENS),
    "api-tombstones": Policy(OWN_TOKENS),
    "api/.*": page(NOBODY),
    # Accounts.
    "account_login": page(EVERYBODY | {STAFF}),
    "account_logout": page(EVERYBODY | {STAFF}),
    "account_inactive": page(EVERYBODY),
    "account_signup": page(EVERYBODY),
    "account_reauthenticate": page(ENROLLING),
    "account_email": page(ENROLLING),
    "account_email_verification_sent": page(EVERYBODY),
    "account_confirm_email": page(EVERYBODY | {STAFF}),
    "account_change_password": page(ENROLLING),
    "account_set_password": page(ENROLLING),
    "account_reset_password": page(EVERYBODY, email="eve@example.org"),
    "account_reset_password_done": page(EVERYBODY),
    "account_reset_password_from_key": page(EVERYBODY),
    "account_reset_password_from_key_done": page(EVERYBODY),
    "account_request_login_code": page(EVERYBODY, email="eve@example.org"),
    "account_confirm_login_code": page(EVERYBODY),
    "mfa_index": page(ENROLLING),
    "mfa_authenticate": page(EVERYBODY),
    "mfa_reauthenticate": page(ENROLLING),
    "mfa_reauthenticate_webauthn": page(ENROLLING),
    "mfa_login_webauthn": page(EVERYBODY),
    "mfa_activate_totp": page(ENROLLING),
    "mfa_deactivate_totp": page(SIGNED_IN),
    "mfa_view_recovery_codes": page(ENROLLING),
    "mfa_generate_recovery_codes": page(ENROLLING),
    "mfa_download_recovery_codes": page(SIGNED_IN),
    "mfa_list_webauthn": page(ENROLLING),
    "mfa_add_webauthn": page(ENROLLING),
    "mfa_edit_webauthn": page(NOBODY, knows=SIGNED_IN),
    "mfa_remove_webauthn": page(NOBODY, knows=SIGNED_IN),
    "usersessions_list": page(SIGNED_IN),
    "account": page(ENROLLING),
    # Whom the operator lets into the tables.
    "admin:*": page(OPERATORS),
    "admin:login": page(EVERYBODY),
    "admin:logout": page(EVERYBODY),
    # Open to all.
    "home": page(EVERYBODY),
    "language": page(EVERYBODY),
    "queue": page(EVERYBODY),
    "me": page(EVERYBODY),
    "door": page(EVERYBODY, scopes="take_part"),
    "decline": page(EVERYBODY),
    "invitation": page(EVERYBODY),
    "new_link": page(PARTICIPANTS),
    "back": page(EVERYBODY),
    "concern": page(EVERYBODY),
    # A participant's own.
    "done": page(PARTICIPANTS),
    "survey": page(PARTICIPANTS),
    "comprehension": page(PARTICIPANTS),
    "converse": page(PARTICIPANTS),
    "conversation": page(THE_OWNER),
    "replies": Policy(THE_OWNER),
    "send_turn": page(NOBODY, THE_OWNER, text="Hello", key="k1"),
    "try_again": page(NOBODY, THE_OWNER),
    "stop_replies": page(NOBODY, THE_OWNER),
    "choose_reply": page(NOBODY, THE_OWNER),
    "rate_reply": page(NOBODY, THE_OWNER, rating="5"),
    "finish_conversation": page(NOBODY, THE_OWNER),
    "take_back": page(NOBODY, THE_OWNER),
    "end_conversation": page(NOBODY, THE_OWNER),
    "attributes": page(PARTICIPANTS),
    "prompts": page(PARTICIPANTS),
    "donate": page(PARTICIPANTS),
    "donation": page(THE_OWNER),
    "donated_conversation": page(THE_OWNER),
    "review": page(PARTICIPANTS),
    "review_conversation": page(THE_OWNER),
    "remove_conversation": page(NOBODY, THE_OWNER),
    "judge": page(PARTICIPANTS),
    "earlier": Policy(PARTICIPANTS),
    "keep_draft": page(NOBODY, PARTICIPANTS),
    "change_answers": page(PARTICIPANTS),
    "withdraw": page(PARTICIPANTS, PARTICIPANTS, scope="take_part"),
    "allow": page(NOBODY, PARTICIPANTS, scope="peers"),
    "me_study": Policy(PARTICIPANTS),
    "remove_unshared": page(THE_OWNER),
    "show_noticed": page(NOBODY, PARTICIPANTS),
    "leave": page(NOBODY, PARTICIPANTS),
    "erase": page(PARTICIPANTS, PARTICIPANTS),
    "download": Policy(PARTICIPANTS),
    "my_conversation": Policy(THE_OWNER),
    "correct": page(THE_OWNER, text="Lives elsewhere."),
    "undo_correction": page(NOBODY, THE_OWNER),
    "forget": page(NOBODY, THE_OWNER),
    "remember": page(NOBODY, THE_OWNER),
    # Whoever holds the receipt, as it names nobody.
    "erasure": page(EVERYBODY),
    # Those who run the site.
    "operations": Policy(OPERATORS),
    "invariants": Policy(OPERATORS),
    "close_circuit": page(OPERATORS),
    "set_budget": page(OPERATORS, OPERATORS, scope="study:alps", max_calls="5"),
    # A researcher's. Who opens the address of an act is led to its page.
    "studies": page(SIGNED_IN),
    "new_study": page(SIGNED_IN),
    "study": Policy(RESEARCHERS),
    "agreement": Policy(RESEARCHERS),
    "agreement_pair": Policy(RESEARCHERS),
    "agreement_item": Policy(RESEARCHERS),
    "agreement_table": Policy(RESEARCHERS),
    "judges": Policy(RESEARCHERS),
    "labels": Policy(RESEARCHERS),
    "raters": Policy(RESEARCHERS),
    "flagged_raters": Policy(RESEARCHERS),
    "rater": Policy(RESEARCHERS),
    "exclude_rater": page(RESEARCHERS, MANAGERS, reason="does not read"),
    "include_rater": page(RESEARCHERS, MANAGERS),
    "replace_rater": page(RESEARCHERS, MANAGERS),
    "runs": page(RESEARCHERS, MANAGERS, stage="extraction"),
    "revive": page(RESEARCHERS, MANAGERS, reason="try again"),
    "run": Policy(RESEARCHERS),
    "run_start": page(RESEARCHERS, MANAGERS),
    "run_pause": page(RESEARCHERS, MANAGERS),
    "run_resume": page(RESEARCHERS, MANAGERS),
    "run_cancel": page(MANAGERS, MANAGERS, RESEARCHERS),
    "run_failed": Policy(RESEARCHERS),
    "run_retry": page(RESEARCHERS, MANAGERS, reason="try again"),
    "start_release": page(RESEARCHERS, MANAGERS),
    "close_study": page(RESEARCHERS, MANAGERS),
    "open_study": page(RESEARCHERS, MANAGERS),
    "progress": Policy(RESEARCHERS),
    "one_release": Policy(RESEARCHERS),
    "release_file": Policy(RESEARCHERS),
    "people": page(RESEARCHERS, MANAGERS),
    "reconcile": page(NOBODY, MANAGERS, RESEARCHERS),
    "create_invitation": page(NOBODY, MANAGERS, RESEARCHERS, label="a", limit="1", days="1"),
    "revoke_invitation": page(NOBODY, MANAGERS, RESEARCHERS),
    "pay": Policy(RESEARCHERS),
    "pay_bonus": page(NOBODY, MANAGERS, RESEARCHERS),
    "pay_paid": page(NOBODY, MANAGERS, RESEARCHERS),
    "pay_export": page(MANAGERS, NOBODY, RESEARCHERS),
    "concerns": Policy(RESEARCHERS),
    "settle_concern": page(NOBODY, MANAGERS, RESEARCHERS),
}


def policy_of(name: str) -> Policy | None:
    """The line for a route: by its name, else by its namespace."""
    return POLICIES.get(name) or POLICIES.get(f"{name.partition(':')[0]}:*")
