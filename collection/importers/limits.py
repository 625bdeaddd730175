"""How much a file of past conversations may hold; what is beyond is refused with a sentence."""

MEGABYTE = 1_000_000

LARGEST_FILE = 100 * MEGABYTE
"""Bytes as uploaded."""
LARGEST_CONTENT = 400 * MEGABYTE
"""Bytes after unpacking, all members together."""
MOST_CONVERSATIONS = 50_000
LARGEST_CONVERSATION = 16 * MEGABYTE
"""Characters of one conversation's JSON: what is held in memory at once."""
MOST_BRACKETS = 1_000_000
"""Objects and lists, or their signs in texts, in one large conversation: each costs memory."""
MOST_TURNS = 10_000
"""Of one conversation, all its versions together."""
MOST_VERSIONS = 20
"""Branches of one conversation that are offered."""
LONGEST_TURN = 1_000_000
"""Code points of one turn; as many as `collection.models.LONGEST_TEXT`."""
DEEPEST_JSON = 60
"""Levels of objects and lists inside one another."""
LONGEST_TITLE = 200

MOST_ENTRIES = 20_000
"""Files in a zip; an export with many pictures has some thousands."""
LARGEST_DIRECTORY = 8 * MEGABYTE
"""Bytes of a zip's list of its files, which is read at once."""
HIGHEST_RATIO = 100
"""Bytes unpacked per byte packed; exports are at 5 to 20."""
RATIO_COUNTS_FROM = 10 * MEGABYTE
"""Bytes unpacked before the ratio counts: little files may be as dense as they like."""
