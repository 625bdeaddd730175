"""How the site uses its database: one file by default, PostgreSQL where there is a server."""

from typing import Any

ON_SQLITE: dict[str, Any] = {
    "OPTIONS": {
        # Takes the write lock at BEGIN, so that a read followed by a write can't deadlock.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16000;"
            "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;"
            # What is deleted is overwritten, so that nothing erased stays in free pages.
            "PRAGMA secure_delete=ON;"
        ),
    },
    "CONN_MAX_AGE": 0,
}

ON_POSTGRESQL: dict[str, Any] = {
    "OPTIONS": {
        "pool": {"min_size": 1, "max_size": 12, "timeout": 20},
        # Statements that are built once are planned once, too: docs/decisions/0023.
        "prepare_threshold": 0,
        "options": "-c plan_cache_mode=force_generic_plan",
    },
    "CONN_HEALTH_CHECKS": True,
}
