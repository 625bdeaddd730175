"""How scripted raters behave: the profiles of `profiles.yaml`, and who of a dry run has which."""

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).parent / "profiles.yaml"
COLLUDER = "colluder"
ACCURATE, NOISY = "accurate", "noisy"
LEAST_ACCURACY, MOST_ACCURACY = 0.05, 0.99


class Part(BaseModel):
    """Anything in the file: unchangeable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Normal(Part):
    """A normal distribution."""

    mean: float
    spread: float = Field(ge=0)


class LogNormal(Part):
    """A log-normal distribution: its median, and the spread of the logarithm."""

    median: float = Field(gt=0)
    spread: float = Field(ge=0)


class Beta(Part):
    """A beta distribution."""

    alpha: float = Field(gt=0)
    beta: float = Field(gt=0)


class Range(Part):
    """An even distribution."""

    least: float
    most: float


class ItemNumbers(Part):
    """What items are like."""

    difficulty: Beta
    weights: Range
    near: float = Field(ge=0, le=1)


class Profile(Part):
    """How one kind of rater behaves; the file says what each number means."""

    honest: bool
    accuracy: Normal
    slope: float = Field(ge=0, le=1)
    tempting: float = Field(ge=0, le=1)
    first: float = Field(default=0, ge=0, le=1)
    favourite: float = Field(default=0, ge=0, le=1)
    uniform: float = Field(default=0, ge=0, le=1)
    copies: float = Field(default=0, ge=0, le=1)
    pace: LogNormal | None = None
    think: LogNormal | None = None
    flat: LogNormal | None = None


class Mix(Part):
    """Which share of the raters is bad, and which share of the others errs often."""

    bad: float = Field(ge=0, le=1)
    noisy: float = Field(ge=0, le=1)


class Behaviour(Part):
    """The whole file."""

    items: ItemNumbers
    profiles: dict[str, Profile]
    mixes: dict[str, Mix]

    @property
    def bad_alone(self) -> list[str]:
        """Profiles of those who do not try, and do so without a partner."""
        return [
            name for name, each in self.profiles.items() if not each.honest and name != COLLUDER
        ]


@dataclass(frozen=True, slots=True)
class Scripted:
    """One rater of a dry run."""

    name: str
    profile: str
    leader: str = ""
    """Whose answers they copy."""
    accuracy: float = 0.0
    pace: float | None = None
    """Words a second; None where they read nothing."""


@lru_cache
def load_behaviour(path: Path = FILE) -> Behaviour:
    """The profiles of a file; ValidationError of pydantic where it is not as it should be."""
    from studies.yaml_text import read_yaml

    return Behaviour.model_validate(read_yaml(path.read_text("utf-8"))[0])


def drawing(*parts: object) -> random.Random:
    """A generator that depends on these parts alone, the first being the seed."""
    return random.Random("|".join(str(part) for part in parts))


def cast_of(behaviour: Behaviour, mix: Mix, *, count: int, seed: int) -> list[Scripted]:
    """So many raters in an order drawn from the seed, with their own numbers."""
    names = _profile_names(behaviour, mix, count, seed)
    width = len(str(count))
    refs = [f"sim-{seed}-{number:0{width}}" for number in range(1, count + 1)]
    colluders = [ref for ref, name in zip(refs, names, strict=True) if name == COLLUDER]
    return [
        _scripted(behaviour.profiles[name], ref, name, seed, _leader(ref, colluders))
        for ref, name in zip(refs, names, strict=True)
    ]


def _profile_names(behaviour: Behaviour, mix: Mix, count: int, seed: int) -> list[str]:
    draw = drawing(seed, "cast")
    bad = round(mix.bad * count)
    alone = draw.sample(behaviour.bad_alone, len(behaviour.bad_alone))
    pair = [COLLUDER] * (2 if bad >= 2 else 0)
    others = [alone[number % len(alone)] for number in range(bad - len(pair))]
    noisy = round(mix.noisy * (count - bad))
    names = pair + others + [NOISY] * noisy + [ACCURATE] * (count - bad - noisy)
    draw.shuffle(names)
    return names


def _leader(ref: str, colluders: list[str]) -> str:
    """The first of the pair leads; the other copies."""
    return colluders[0] if ref in colluders[1:] else ""


def _scripted(profile: Profile, ref: str, name: str, seed: int, leader: str) -> Scripted:
    draw = drawing(seed, "rater", ref)
    drawn = draw.gauss(profile.accuracy.mean, profile.accuracy.spread)
    return Scripted(
        name=ref,
        profile=name,
        leader=leader,
        accuracy=min(max(drawn, LEAST_ACCURACY), MOST_ACCURACY),
        pace=drawn_from(profile.pace, draw) if profile.pace else None,
    )


def drawn_from(numbers: LogNormal, draw: random.Random) -> float:
    """One value of a log-normal distribution."""
    return numbers.median * math.exp(draw.gauss(0, numbers.spread))
