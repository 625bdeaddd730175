"""A site with somebody of every kind, and things of one participant. Everybody is invented."""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory
from django.utils import timezone

from annotation.actions.assignments import claim_next
from annotation.actions.raters import rater_for_participant
from annotation.actions.tasks import open_all_tasks
from collection.unshared.models import Donation, UnsharedConversation, UnsharedTurn
from releases.models import Release
from studies.actions.members import add_member
from studies.actions.tokens import create_token
from studies.models import Concern, Participant, Study, User
from studies.recruitment.models import Invitation
from tests import policies as who
from tests.samples import make_participant, make_study
from tests.web.conftest import CONSENT, STAGES, entered_as, fill
from work.models import Run

MEMBERS = {who.VIEWER: "viewer", who.MANAGER: "manager"}
TOKEN_SCOPES = {
    who.READ: "read",
    who.JUDGE: "judge",
    who.MANAGE: "manage",
    who.FOREIGN_READ: "read",
    who.FOREIGN_MANAGE: "manage",
}


class World:
    """Two studies; in the first everything belongs to one owner."""

    def __init__(self) -> None:
        scopes = [*CONSENT["scopes"], "converse", "peers"]
        consent = CONSENT | {"scopes": scopes}
        self.study = make_study(
            "alps", STAGES, consent=consent, judges=[{"name": "plain"}], converse={}, donate={}
        )
        self.owner = make_participant(self.study, "owner")
        self.peer = make_participant(self.study, "peer")
        self.other = make_study("andes", STAGES, consent=CONSENT)
        self.stranger = make_participant(self.other, "stranger")
        fill(self.study, self.owner)
        open_all_tasks(study=self.study)
        self.things = self._things()

    def _things(self) -> dict[str, Any]:
        donation = Donation.objects.create(
            participant=self.owner, format="chatgpt", size=10, found=1
        )
        conversation = UnsharedConversation.objects.create(
            study=self.study, participant=self.owner, ref="u1", source="live", state="finished"
        )
        UnsharedTurn.objects.create(
            conversation=conversation, position=0, role="user", content="Canary words."
        )
        reply = UnsharedTurn.objects.create(
            conversation=conversation, position=1, role="assistant", content="So they are."
        )
        return {
            "reply": reply.pk,
            "attribute": self.owner.attributes.get().pk,
            "concern": Concern.objects.create(study=self.study, text="Too long.").pk,
            "invitation": self._invitation(),
            "item": self.study.items.filter(stage="extraction")[0].ref,
            "slug": self.study.slug,
            "donation": donation.pk,
            "conversation": conversation.pk,
            "number": 0,
            "token": "1" * 32,
            "run_id": Run.objects.create(scope=self.study.scope, kind="extraction").pk,
            "release_id": self._release().pk,
            "version": 1,
            "name": "manifest.json",
            "assignment_id": self._assignment(),
            "rater": self.peer.ref,
        }

    def _release(self) -> Release:
        release = Release.objects.create(
            study=self.study,
            version=1,
            state="published",
            published_at=timezone.now(),
            manifest={"files": []},
        )
        release.folder.mkdir(parents=True, exist_ok=True)
        (release.folder / "manifest.json").write_text("{}")
        return release

    def _invitation(self) -> Any:
        until = timezone.now() + timedelta(days=1)
        row = Invitation.objects.create(
            study=self.study, digest="d", created_by="somebody", expires_at=until
        )
        return row.pk

    def _assignment(self) -> Any:
        rater = rater_for_participant(self.peer)
        place = claim_next(study=self.study, stage="extraction", role="peer", rater=rater)
        assert place
        return place.pk

    def browser(self, actor: str) -> Client:
        """Whoever asks, as they would come."""
        if actor in TOKEN_SCOPES:
            return Client(headers={"Authorization": f"Bearer {self._token(actor)}"})
        if actor in (who.PEER, who.STRANGER):
            return entered_as(Client(), self.peer if actor == who.PEER else self.stranger)
        if actor == who.ANONYMOUS:
            return Client()
        user = self._user(actor)
        browser = Client()
        browser.force_login(user)
        if actor != who.STAFF:
            show_second_factor(browser, user)
        return browser

    def _user(self, actor: str) -> User:
        user = User.objects.create_user(actor.replace(" ", "-"), password="a good long one")
        if actor in MEMBERS:
            add_member(study=self.study, user=user, role=MEMBERS[actor], by=None)
        if actor == who.OUTSIDER:
            add_member(study=self.other, user=user, role="manager", by=None)
        if actor == who.OWNER:
            Participant.objects.filter(pk=self.owner.pk).update(user=user)
        user.is_staff = actor in (who.STAFF, who.SUPERUSER)
        user.is_superuser = actor == who.SUPERUSER
        user.save()
        return user

    def _token(self, actor: str) -> str:
        study: Study = self.other if actor.startswith("token of another") else self.study
        user = User.objects.create_user("program")
        add_member(study=study, user=user, role="manager", by=None)
        if actor == who.JUDGE:
            Participant.objects.filter(pk=self.peer.pk).update(user=user)
        return create_token(user=user, study=study, scope=TOKEN_SCOPES[actor])


def show_second_factor(browser: Client, user: User) -> None:
    """Let the session be one that began with password and second factor."""
    request = RequestFactory().get("/")
    request.session = browser.session
    for method in ("password", "mfa"):
        record_authentication(request, user, method=method, reauthenticated=True)
    request.session.save()
