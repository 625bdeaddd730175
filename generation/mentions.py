"""Which given attributes a response says outright.

The rule is lexical: an attribute is mentioned if at least MENTIONED of its content words stand in
the response. It sees words, not meaning: a paraphrase is missed, and a word that the prompt asked
for anyway counts. An attribute without content words can't be looked for and stays undecided.
"""

from generation.words import content_words, coverage

MENTIONED = 0.6


def is_mentioned(attribute: str, response: str) -> bool | None:
    """Does the response say the attribute outright? None where the rule can't tell."""
    if not content_words(attribute):
        return None
    return coverage(attribute, response) >= MENTIONED
