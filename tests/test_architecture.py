"""The map holds: floors, privileges, sizes and templates, read from the sources themselves.

Every rule is shown able to fail by a small sample that breaks it.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    {"work"},
    {"studies", "llm"},
    {"collection"},
    {"generation"},
    {"annotation"},
    {"releases"},
    {"web", "api"},
    {"config"},
]
PACKAGES = [package for floor in FLOORS for package in sorted(floor)]
WRITES = {
    "abulk_create", "abulk_update", "acreate", "adelete", "aget_or_create", "asave", "aupdate",
    "aupdate_or_create", "bulk_create", "bulk_update", "create", "delete", "get_or_create",
    "save", "update", "update_or_create",
}  # fmt: skip
# Beside `actions`: the ledger of calls, and work's own tables, which only work may write.
WRITERS = {"llm/ledger.py", "work/liveness.py", "work/queue.py", "work/sweeping.py"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

Rule = Callable[[str, ast.Module], Iterator[str]]


@cache
def sources() -> list[tuple[str, ast.Module]]:
    """Every module of the product: its path below the root, and its syntax tree."""
    return [
        (str(path.relative_to(ROOT)), ast.parse(path.read_text()))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]


@cache
def nodes(tree: ast.Module) -> list[ast.AST]:
    """All nodes of a syntax tree."""
    return list(ast.walk(tree))


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Iterator[None]:
    """A million nodes would slow down every later test's garbage collection."""
    yield
    sources.cache_clear()
    nodes.cache_clear()


def imports(tree: ast.Module) -> Iterator[str]:
    """The full name of everything imported, at the top of the module or later."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_part_of(name: str, package: str) -> bool:
    """Whether the dotted name is the package or lies in it."""
    return name == package or name.startswith(package + ".")


def package_of(path: str) -> str:
    """The top-level package that a module belongs to."""
    return path.partition("/")[0]


def floor_of(package: str) -> int:
    """How high a package stands."""
    return next(number for number, floor in enumerate(FLOORS) if package in floor)


def climbs(path: str, tree: ast.Module) -> Iterator[str]:
    """Imports of a higher floor, or of a neighbour on the same one."""
    own = package_of(path)
    for name in imports(tree):
        other = name.partition(".")[0]
        if other in PACKAGES and other != own and floor_of(other) >= floor_of(own):
            yield f"{path} imports {name}"


def foreign(library: str, *allowed: str) -> Rule:
    """The rule that only modules below the `allowed` paths import a library."""

    def offences(path: str, tree: ast.Module) -> Iterator[str]:
        if not path.startswith(allowed):
            yield from (
                f"{path} imports {name}" for name in imports(tree) if is_part_of(name, library)
            )

    return offences


def speaks_http(path: str, tree: ast.Module) -> Iterator[str]:
    """Modules other than faces, wiring and admin pages that know requests and responses."""
    if path.startswith(("web/", "api/", "config/")) or path.endswith("/admin.py"):
        return
    for name in imports(tree):
        libraries = (
            "django.http",
            "django.views",
            "django.shortcuts",
            "django.urls",
            "rest_framework",
        )
        if any(is_part_of(name, library) for library in libraries):
            yield f"{path} imports {name}"


def reads_environment(path: str, tree: ast.Module) -> Iterator[str]:
    """Modules other than the configuration that look at the environment."""
    if path.startswith("config/"):
        return
    wanted = {"os.environ", "os.getenv", "os.environb"}
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in wanted:
            yield f"{path}:{node.lineno} reads {ast.unparse(node)}"
    for name in imports(tree):
        if name in wanted or is_part_of(name, "environs"):
            yield f"{path} imports {name}"


def writes_rows(path: str, tree: ast.Module) -> Iterator[str]:
    """Calls that write rows, outside the modules whose privilege it is."""
    parts = Path(path).with_suffix("").parts
    if "actions" not in parts and path not in WRITERS:
        yield from row_writes(path, tree)


def row_writes(path: str, tree: ast.Module) -> Iterator[str]:
    """Calls that write rows, wherever they are."""
    for node in nodes(tree):
        if isinstance(node, ast.Call) and touches_rows(node):
            yield f"{path}:{node.lineno} calls {ast.unparse(node.func)[-60:]}"


def touches_rows(call: ast.Call) -> bool:
    """Whether the call writes through a queryset or a row, as far as its spelling tells.

    Dicts and clients have `update` and `create` too. An `update` by keywords alone is a queryset's,
    and a `create` is one where a manager or a queryset method stands before it.
    """
    called = call.func
    if not isinstance(called, ast.Attribute) or called.attr not in WRITES:
        return False
    owner = ast.unparse(called.value)
    signs = (".objects", "_set", ".filter(", ".exclude(", ".all()", ".select_")
    if called.attr == "update":
        return not call.args
    if called.attr == "create":
        return any(sign in owner for sign in signs)
    return owner != "super()"


def is_too_long(path: str, tree: ast.Module) -> Iterator[str]:
    """Functions that nobody reads in one go."""
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length >= LONGEST_FUNCTION:
                yield f"{path}:{node.lineno} {node.name} has {length} lines"


def knows_django(path: str, tree: ast.Module) -> Iterator[str]:
    """Imports of Django in the package of pure figures."""
    if path.startswith("annotation/agreement/"):
        yield from (
            f"{path} imports {name}" for name in imports(tree) if is_part_of(name, "django")
        )


# The owner's own pages; forgetting and the owner's own download.
UNSHARED_DOORS = (
    "web/conversation_titles.py",
    "web/donation_page.py",
    "web/review_page.py",
    "web/views/converse.py",
    "web/views/donate.py",
    "web/views/review.py",
    "releases/erasure/",
    "releases/personal/",
)


def opens_unshared(path: str, tree: ast.Module) -> Iterator[str]:
    """Modules that reach what was not shared yet, by its tables or by a relation to them."""
    if path.startswith(("collection/", *UNSHARED_DOORS)):
        return
    for name in imports(tree):
        if is_part_of(name, "collection.unshared"):
            yield f"{path} imports {name}"
    for node in nodes(tree):
        relations = ("unshared_conversations", "donations")
        if isinstance(node, ast.Attribute) and node.attr in relations:
            yield f"{path}:{node.lineno} follows {node.attr}"


# Each rule with a sample (path, source) that breaks it.
RULES: dict[str, tuple[Rule, str, str]] = {
    "imports point down": (climbs, "work/queue.py", "def f():\n    from llm import gateway"),
    "neighbours are independent": (climbs, "llm/gateway.py", "import studies.models"),
    "only config reads the environment": (
        reads_environment, "llm/gateway.py", "import os\nkey = os.environ['KEY']",
    ),
    "only config imports environs": (
        reads_environment, "web/views/x.py", "from environs import Env",
    ),
    "only web and api know HTTP": (
        speaks_http, "annotation/actions.py", "from django.http import HttpResponse",
    ),
    "only llm imports openai": (
        foreign("openai", "llm/"), "generation/handlers.py", "from openai import OpenAI",
    ),
    "only work imports celery": (
        foreign("celery", "work/", "config/celery.py"), "web/views/x.py", "import celery.signals",
    ),
    "only releases knows Parquet": (
        foreign("pyarrow", "releases/"), "api/views/exports.py", "import pyarrow.parquet as pq",
    ),
    "only actions write rows": (
        writes_rows, "web/views/x.py", "Study.objects.filter(slug=s).update(title=t)",
    ),
    "only actions update rows": (writes_rows, "work/keys.py", "waiting.update(state=done)"),
    "only actions save rows": (writes_rows, "generation/handlers.py", "row.save()"),
    "only owners' pages open what is unshared": (
        opens_unshared, "api/views/x.py", "from collection.unshared.models import UnsharedTurn",
    ),
    "nobody follows a person to what is unshared": (
        opens_unshared, "generation/planning.py", "rows = person.unshared_conversations.all()",
    ),
    "agreement knows no Django": (
        knows_django, "annotation/agreement/chance.py", "from django.db import models",
    ),
    "functions are short": (is_too_long, "web/views/x.py", "def f():\n" + "    a = 1\n" * 60),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_rule_holds(name: str) -> None:
    rule, _path, _source = RULES[name]

    assert [offence for path, tree in sources() for offence in rule(path, tree)] == []


@pytest.mark.parametrize("name", RULES)
def test_rule_can_fail(name: str) -> None:
    rule, path, source = RULES[name]

    assert list(rule(path, ast.parse(source))) != []


def test_every_door_to_what_is_unshared_is_used() -> None:
    using = [path for path, tree in sources() if any("unshared" in name for name in imports(tree))]
    doors = [door for door in UNSHARED_DOORS if any(path.startswith(door) for path in using)]

    assert doors == list(UNSHARED_DOORS)


def test_every_exception_is_needed() -> None:
    writing = {path for path, tree in sources() if list(row_writes(path, tree))}

    assert WRITERS - writing == set()


def long_files(paths: list[Path]) -> list[str]:
    """Files that have outgrown their idea."""
    return [path.name for path in paths if len(path.read_text().splitlines()) >= LONGEST_FILE]


def test_files_are_short() -> None:
    folders = [*PACKAGES, "tests", "bench"]
    paths = [path for name in folders for path in (ROOT / name).rglob("*.py")]

    written = [path for path in paths if path.parent.name != "migrations"]  # those are generated
    assert long_files(written) == []


def test_long_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("a = 1\n" * LONGEST_FILE)

    assert long_files([path]) == ["long.py"]


def inline_code(template: str) -> list[str]:
    """What the content-security policy would refuse: scripts, styles and handlers in the page."""
    scripts = [tag for tag in _tags(template, "script") if " src=" not in tag and "json" not in tag]
    styles = _tags(template, "style")
    attributes = (" style=", " onclick=", " onchange=", " onsubmit=", " oninput=", "javascript:")
    return scripts + styles + [sign for sign in attributes if sign in template]


def _tags(template: str, name: str) -> list[str]:
    starts = template.split(f"<{name}")[1:]
    return [
        f"<{name}{start.partition('>')[0]}>" for start in starts if start[:1] in (" ", ">", "\n")
    ]


def test_templates_hold_no_inline_code() -> None:
    templates = [path for path in ROOT.glob("*/**/*.html") if ".venv" not in path.parts]

    assert {
        path.name: found for path in templates if (found := inline_code(path.read_text()))
    } == {}


@pytest.mark.parametrize(
    "sample",
    ["<script>go()</script>", "<style>p {}</style>", "<p style='top:0'>", "<a onclick='x'>"],
)
def test_inline_code_is_found(sample: str) -> None:
    assert inline_code(sample) != []
