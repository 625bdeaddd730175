"""The stages of machine work by name."""

EXTRACTION, RELEVANCE, RESPONSE = STAGES = ("extraction", "relevance", "response")
"""The stages; also what their jobs are called in the queue."""
