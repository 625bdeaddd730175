"""Links that lead to a person's own page, or carry a name, a password or a key."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import around, places

_SIGNS = "[A-Za-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=%À-ɏ가-힣]"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,15}://")
_REST = re.compile(rf"{_SIGNS}{{1,2000}}")
_BARE = re.compile(
    rf"(?<![\w@./])(?:[a-z]{{2,6}}\.)?(?:linkedin\.com|github\.com|gitlab\.com|instagram\.com"
    rf"|facebook\.com|twitter\.com|x\.com|t\.me|tiktok\.com|reddit\.com|weibo\.com|zhihu\.com"
    rf"|note\.com|qiita\.com|medium\.com|youtube\.com|blog\.naver\.com)/{_SIGNS}+",
    re.IGNORECASE,
)
_HOSTS = {  # of which the first part of the path is somebody's name
    "github.com", "gitlab.com", "instagram.com", "facebook.com", "twitter.com", "x.com", "t.me",
    "blog.naver.com", "note.com", "qiita.com",
}  # fmt: skip
_WHOLE_PATH_ONLY = {"github.com", "gitlab.com", "note.com", "qiita.com", "facebook.com"}
_NOT_PEOPLE = {
    "about", "home", "login", "search", "explore", "settings", "features", "pricing", "topics",
    "trending", "marketplace", "hashtag", "i", "intent", "share", "watch", "help", "docs", "p",
    "privacy", "terms", "jobs", "events", "groups", "pages", "orgs", "tags",
}  # fmt: skip
_PERSON = re.compile(
    r"/(?:@[\w.\-]{2,}|~\w[\w.\-]+|(?:in|u|user|users|people|profile|profiles|member|members)"
    r"/(?!me\b|login|list|new)[\w.%\-]{2,})",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(?:token|secret|passw|pwd|api_?key|access_?key|^key$|^sig$|signature|^auth|session|^sid$"
    r"|^code$|otp|credential|e?-?mail|^user(?:name|id)?$|^uid$|^name$|phone|invite|share_?id)",
    re.IGNORECASE,
)
_LONG_ENOUGH = 3
_DEEPEST = 8
_TRAIL = ".,;:!?'\")]}"
_BARE_SIGNS = (".com/", ".me/")


def find_urls(text: str) -> Iterator[Span]:
    """Links by their scheme, and those to well-known sites without one."""
    seen: set[tuple[int, int]] = set()
    seen.update(_with_scheme(text))
    for sign in _BARE_SIGNS:
        for low, high in around(text, sign, 24, 200):
            seen.update(match.span() for match in _BARE.finditer(text, low, high))
    for start, end in sorted(seen):
        link = text[start:end].rstrip(_TRAIL)
        if leads_to_a_person(link):
            yield Span(start, start + len(link), Kind.URL)


def _with_scheme(text: str) -> Iterator[tuple[int, int]]:
    """Links, and those that stand in them; of a link made of links only the outer ones."""
    reach = inside = 0
    for at in places(text, "://"):
        inside = inside + 1 if at < reach else 0
        if inside > _DEEPEST:
            continue
        after = at + len("://")
        scheme, rest = _SCHEME.search(text, max(0, at - 16), after), _REST.match(text, after)
        if scheme and rest:
            reach = max(reach, rest.end())
            yield scheme.start(), rest.end()


def leads_to_a_person(link: str) -> bool:
    """Does it name a user, hold a secret, or lead to somebody's page?"""
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        query = parse_qsl(parts.query) + parse_qsl(parts.fragment)
    except ValueError:
        return False
    if "@" in parts.netloc:
        return True
    if any(_SECRET.search(key) and len(value) >= _LONG_ENOUGH for key, value in query):
        return True
    return bool(_PERSON.search(parts.path)) or _is_own_page(parts.netloc, parts.path)


def _is_own_page(host: str, path: str) -> bool:
    host = host.lower().removeprefix("www.").removeprefix("m.")
    names = [name for name in path.split("/") if name]
    if host not in _HOSTS or not names or names[0].lower() in _NOT_PEOPLE:
        return False
    return len(names) == 1 or host not in _WHOLE_PATH_ONLY
