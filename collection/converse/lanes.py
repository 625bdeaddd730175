"""Replies side by side: each has a lane; asking again puts a further reply into the same lane.

With n replies side by side, place p stands in lane p modulo n.
"""

from collections.abc import Iterable

from collection.unshared.models import UnsharedConversation, UnsharedTurn

MANY_FAILURES = 3
"""Times that a reply broke off, after which nobody has to wait for it any longer."""
UNDER_WAY = (UnsharedTurn.State.WAITING, UnsharedTurn.State.STREAMING)


def lanes_of(conversation: UnsharedConversation) -> int:
    """How many replies are shown side by side."""
    return max(len(conversation.endpoints), 1)


def latest_replies(
    conversation: UnsharedConversation, replies: Iterable[UnsharedTurn]
) -> list[UnsharedTurn]:
    """Of the replies at one position, the last of each lane, in the order of the lanes."""
    count = lanes_of(conversation)
    newest: dict[int, UnsharedTurn] = {}
    for reply in sorted(replies, key=lambda reply: reply.place):
        newest[reply.place % count] = reply
    return [newest[lane] for lane in sorted(newest)]


def is_under_way(reply: UnsharedTurn) -> bool:
    """Is more of it to come?"""
    return reply.state in UNDER_WAY


def is_usable(reply: UnsharedTurn) -> bool:
    """Can the conversation go on from it without more ado?"""
    ended = (UnsharedTurn.State.WHOLE, UnsharedTurn.State.STOPPED)
    return reply.state in ended and reply.content != ""


def failed_often(
    conversation: UnsharedConversation, said: UnsharedTurn, replies: Iterable[UnsharedTurn]
) -> bool:
    """Did all replies to what was said fail so often that its sender may give up on them?"""
    replies = list(replies)
    if not said.awaits_reply or any(is_under_way(one) or is_usable(one) for one in replies):
        return False
    cut = sum(reply.state == UnsharedTurn.State.CUT for reply in replies)
    return cut >= MANY_FAILURES * lanes_of(conversation)
