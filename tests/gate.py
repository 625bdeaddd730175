"""A study in which one person said things that nobody else may see yet. Everybody is invented."""

import io
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from annotation.actions.tasks import open_all_tasks
from collection.actions.donating import receive_donation
from collection.actions.sharing import share_conversation
from collection.models import Conversation
from collection.unshared.drafts import draft_of
from collection.unshared.models import (
    Redaction,
    ReplyEvent,
    UnsharedConversation,
    UnsharedTurn,
)
from studies.actions.members import add_member
from studies.actions.tokens import create_token
from studies.models import Part, Study, User
from tests.collection.unshared import add_reply, hide, make_unshared
from tests.samples import make_participant, make_study
from tests.web.conftest import CONSENT, STAGES, entered_as, fill
from tests.world import show_second_factor

SECRET = "zanzibarkanarie"
"""Stands in everything that is not shared."""
OPEN = "quellwolkenblau"
"""Stands beside it, and is not hidden when the conversation is shared."""
SAID = f"I always call my {SECRET} and I love {OPEN} curtains."
SCOPES = ["take_part", "converse", "peers", "models", "publish_words", "publish_ratings"]
TOKENS = ("read", "judge", "manage")
BROWSERS = ("anonymous", "peer", "manager", "staff")


class Gate:
    """The study, its people, and what one of them has not shared."""

    def __init__(self) -> None:
        consent = CONSENT | {"scopes": SCOPES}
        self.study: Study = make_study(
            "alps",
            STAGES,
            consent=consent,
            judges=[{"name": "plain"}],
            strategies=["generic", "relevant_attributes"],
            converse={},
            donate={},
            automatic=["extraction", "relevance", "response"],
        )
        self.owner = make_participant(self.study, "owner", SCOPES)
        self.peer = make_participant(self.study, "peer", SCOPES)
        fill(self.study, self.owner)
        open_all_tasks(study=self.study)
        self._let_peer_judge()
        self.live = self._live()
        self.donated = self._donated()
        self._file()

    def _let_peer_judge(self) -> None:
        """They have done what comes before: talked, given and shared something."""
        Part.objects.create(participant=self.peer, name="converse", finished_at=timezone.now())
        mine = make_unshared(self.peer, "Mine.")
        share_conversation(
            conversation_id=mine.pk,
            participant=self.peer,
            seen_digest=draft_of(mine).digest(),
        )

    def _live(self) -> UnsharedConversation:
        """A live conversation with a chosen reply, another one, and a third that streams."""
        live = make_unshared(
            self.owner,
            SAID,
            f"Your {SECRET} is fine, and so is {OPEN}.",
            source="live",
            title=f"About my {SECRET}",
            extra={"note": SECRET},
        )
        turn = live.turns.get(position=0)
        hide(turn, SECRET, replacement=f"my own {SECRET}", is_lifted=True)
        reply = add_reply(live, 1, 1, f"What a {SECRET}! And {OPEN}!")
        ReplyEvent.objects.create(turn=reply, sequence=1, text=SECRET)
        going_on = make_unshared(self.owner, SAID, source="live", state="open")
        streaming = add_reply(going_on, 1, 0, "", state="streaming")
        ReplyEvent.objects.create(turn=streaming, sequence=1, text=SECRET)
        return live

    def _donated(self) -> UnsharedConversation:
        return make_unshared(self.owner, SAID, f"A {SECRET}.", title=SECRET, origin=SECRET)

    def _file(self) -> None:
        messages = [
            {"role": "user", "content": SAID},
            {"role": "assistant", "content": f"{SECRET} {OPEN}"},
        ]
        text = json.dumps({"title": SECRET, "messages": messages}).encode()
        receive_donation(participant=self.owner, file=io.BytesIO(text), size=len(text))

    def share(self) -> Conversation:
        """The owner hides the secret and shares the live conversation."""
        Redaction.objects.filter(turn__conversation=self.live).delete()
        for turn in UnsharedTurn.objects.filter(conversation=self.live):
            hide(turn, SECRET, "other")
        return share_conversation(
            conversation_id=self.live.pk,
            participant=self.owner,
            seen_digest=draft_of(self.live).digest(),
        )

    def things(self) -> list[dict[str, Any]]:
        """Values for the parameters of addresses: each thing of the owner's that has an id."""
        turns = list(UnsharedTurn.objects.values_list("pk", flat=True))
        talks = list(UnsharedConversation.objects.values_list("pk", flat=True))
        donations = list(self.owner.donations.values_list("pk", flat=True))
        known: dict[str, Any] = {"slug": "alps", "token": "1" * 32, "number": 1, "version": 1}
        return [
            known | {"conversation": talk, "reply": turn, "donation": donation}
            for talk, turn, donation in zip(talks, turns, donations * len(talks), strict=False)
        ]

    def browser(self, actor: str) -> Client:
        """Somebody who is not the owner."""
        if actor == "anonymous":
            browser = Client()
        elif actor == "peer":
            browser = entered_as(Client(), self.peer)
        elif actor in TOKENS:
            user = self._member(actor)
            token = create_token(user=user, study=self.study, scope=actor)
            browser = Client(headers={"Authorization": f"Bearer {token}"})
        else:
            browser = self._signed_in(actor)
        browser.raise_request_exception = False
        return browser

    def _member(self, name: str) -> User:
        user = User.objects.create_user(name, password="a good long one")
        add_member(study=self.study, user=user, role="manager", by=None)
        if name == "judge":
            self.peer.user = user
            self.peer.save()
        return user

    def _signed_in(self, actor: str) -> Client:
        user = self._member(actor)
        user.is_staff = user.is_superuser = actor == "staff"
        user.save()
        browser = Client()
        browser.force_login(user)
        show_second_factor(browser, user)
        return browser
