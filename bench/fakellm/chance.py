"""What happens by chance, though the same chance every time: faults, and how long an answer takes.

A draw depends on the seed, on the question, and on how often it was asked, never on the order in
which questions come: two runs with the same seed meet the same faults however they interleave.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

HANG = "hang"
CUT = "cut"


@dataclass
class Chance:
    """Draws for questions; `faults` maps a status or a case's name to its share of requests."""

    seed: int = 0
    faults: dict[str, float] = field(default_factory=dict)
    _asked: Counter[str] = field(default_factory=Counter)

    def draw(self, digest: str) -> tuple[str, float]:
        """The fault that strikes this question now, if any, and a number in [0, 1) for its time."""
        self._asked[digest] += 1
        name = f"{self.seed}:{digest}:{self._asked[digest]}"
        drawn = hashlib.blake2b(name.encode(), digest_size=16).digest()
        rest, moment = (int.from_bytes(half) / 2**64 for half in (drawn[:8], drawn[8:]))
        for fault, share in self.faults.items():
            if rest < share:
                return fault, moment
            rest -= share
        return "", moment


def shares_of(text: str) -> dict[str, float]:
    """Read "429:0.10,hang:0.02"; raises ValueError unless the shares stay within one."""
    pairs = [part.partition(":") for part in text.split(",") if part.strip()]
    shares = {name.strip(): float(share) for name, _, share in pairs}
    if any(share < 0 for share in shares.values()) or sum(shares.values()) > 1:
        raise ValueError(f"The shares in {text!r} are not parts of one.")
    return shares
