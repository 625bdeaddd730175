"""The names that people, programs and tables share: stages and roles."""

from django.db import models


class Stage(models.TextChoices):
    """The three questions of personalization, in the order of the data's life."""

    EXTRACTION = "extraction"
    """What is this person like?"""
    RELEVANCE = "relevance"
    """What of it matters for this request?"""
    RESPONSE = "response"
    """Does using it help?"""


class Role(models.TextChoices):
    """In which role somebody judges."""

    OWNER = "owner"
    """The person whom the item is about."""
    PEER = "peer"
    """Another person."""
    EXPERT = "expert"
    """A trained rater named by the researcher."""
    LLM = "llm"
    """A judge: model, prompt version, parameters."""


class Purpose(models.TextChoices):
    """Why something is asked. Exactly N judgments per role are promised for `main` alone."""

    MAIN = "main"
    """To be decided."""
    GOLD = "gold"
    """The right answer is known."""
    CHECK = "check"
    """An attention check."""
    REPEAT = "repeat"
    """Asked again of the same rater, for self-consistency."""
    ADJUDICATION = "adjudication"
    """Of tasks only: asked of an expert, since others disagree. Its items are `main`."""
