"""IP addresses that may lead to a person: valid, and not those of every home or lab."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import around

_FOUR = re.compile(r"(?<![\w.\-])\d{1,3}(?:\.\d{1,3}){3}(?![\w\-]|\.\d)", re.ASCII)
_FOUR_SIGN = re.compile(r"\.\d{1,3}\.\d{1,3}\.", re.ASCII)
_SIX = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])", re.ASCII)
_VERSION = re.compile(r"(?:version|release|build|\bv|버전|版本|バージョン)[\s.:]*\Z", re.IGNORECASE)
_EVERYWHERE = [
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]
_REACH = 20
_SHORTEST_SIX = 6


def find_ips(text: str) -> Iterator[Span]:
    """Version 4 and version 6."""
    seen: set[tuple[int, int]] = set()
    for sign in _FOUR_SIGN.finditer(text):
        low, high = max(0, sign.start() - 8), sign.end() + 8
        seen.update(match.span() for match in _FOUR.finditer(text, low, high))
    if "::" in text or text.count(":") >= 7:
        for low, high in around(text, ":", 40, 40):
            seen.update(match.span() for match in _SIX.finditer(text, low, high))
    for start, end in sorted(seen):
        if _is_somebodys(text, start, end):
            yield Span(start, end, Kind.IP)


def _is_somebodys(text: str, start: int, end: int) -> bool:
    if _VERSION.search(text, max(0, start - _REACH), start):
        return False
    try:
        address = ip_address(text[start:end])
    except ValueError:
        return False
    if address.version == 6 and end - start < _SHORTEST_SIX:
        return False  # like a::b in code
    return not _is_of_no_one(address)


def _is_of_no_one(address: IPv4Address | IPv6Address) -> bool:
    """Loopback, multicast, masks, and the ranges that every home network uses."""
    special = (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
    )
    reserved = address.version == 4 and (address.is_reserved or int(address) < 1 << 24)
    return special or reserved or any(address in network for network in _EVERYWHERE)
