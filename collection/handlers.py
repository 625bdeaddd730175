"""What jobs about conversations do."""

from collection.actions.replying import settle_abandoned
from work.claims import Claim


def settle_reply(claim: Claim) -> None:
    """A worker gets a reply's job only when its web process vanished: nobody is asked again."""
    settle_abandoned(claim=claim)
