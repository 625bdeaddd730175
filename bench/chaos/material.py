"""What the run works on: invented people, each with hundreds of one-line conversations."""

from collection.models import Conversation, Turn
from llm.actions.budgets import set_budget
from llm.actions.endpoints import ensure_endpoint
from llm.models import Endpoint
from studies.actions.studies import load_study
from studies.actions.tokens import create_token
from studies.models import Consent, ConsentScope, Participant, Study, User

KIND = "extraction"
PER_STUDY = 500
SAID = "I live in house {n} near Bern. Can you help? I like soup number {n}."
PER_CONVERSATION = 2
"""Attributes that the honest endpoint finds in each."""
USER = "chaos"
CALLS_PER_JOB = 10
CONCURRENCY = 16
ENDPOINT = "under-fire"


def make_endpoint(port: int) -> Endpoint:
    """The endpoint behind its proxy, with limits of time shorter than a lease."""
    return ensure_endpoint(
        name=ENDPOINT,
        base_url=f"http://127.0.0.1:{port}/v1",
        model="fake-model",
        first_byte_timeout=2,
        idle_timeout=2,
        timeout=4,
        max_concurrency=CONCURRENCY,
    )


def make_studies(jobs: int) -> dict[str, str]:
    """Studies of up to five hundred conversations, as many as there shall be jobs, and a token."""
    user = make_user()
    sizes = [min(PER_STUDY, jobs - start) for start in range(0, jobs, PER_STUDY)]
    studies = [make_study(f"fire-{number}", size) for number, size in enumerate(sizes)]
    return {study.slug: create_token(user=user, study=study, scope="manage") for study in studies}


def make_user() -> User:
    """Whose studies they are."""
    return User.objects.create_superuser(USER, password="for an hour of chaos only")


def make_study(slug: str, conversations: int, *, has_budget: bool = True) -> Study:
    """A study of one invented person; its budget of calls is larger than needed."""
    document = {"slug": slug, "title": {"en": slug}, "stages": {KIND: {}}}
    study = load_study(document=document, by=User.objects.get(username=USER))
    _make_conversations(study, conversations)
    if has_budget:
        most = conversations * CALLS_PER_JOB
        set_budget(scope=study.scope, max_calls=most, max_cost=None, by=USER)
    return study


def _make_conversations(study: Study, count: int) -> None:
    person = Participant.objects.create(
        study=study, ref="p1", basis="none", traits={"invented": True}
    )
    Consent.objects.bulk_create(
        Consent(participant=person, scope=scope, version="1") for scope in ConsentScope.values
    )
    conversations = Conversation.objects.bulk_create(
        Conversation(study=study, participant=person, ref=f"c{n}", source="imported")
        for n in range(count)
    )
    Turn.objects.bulk_create(
        Turn(conversation=one, position=0, role="user", content=SAID.format(n=f"{study.slug}-{n}"))
        for n, one in enumerate(conversations)
    )
