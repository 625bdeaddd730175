"""Where questions may go: hosts that an operator listed, at addresses that are what they seem.

An address is looked at when it is saved, and again for every connection: whoever answers for a
name may answer otherwise tomorrow. `llm.pinning` connects to the very addresses checked here.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

from llm import names

# One reading only: no password, query, backslash, space or letter beyond ASCII.
ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:/-]*)?"
)
TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where networks without IPv4 put the addresses of those that have it (RFC 6052)."""
METADATA = {
    ip_address("fd00:ec2::254"),  # AWS
    ip_address("fd20:ce::254"),  # Google
    ip_address("fd00:42::42"),  # Scaleway
    ip_address("fd00:c1::a9fe:a9fe"),  # Oracle
    ip_address("192.0.0.192"),  # Oracle's older cloud
    ip_address("100.100.100.200"),  # Alibaba
    ip_address("168.63.129.16"),  # Azure
}
"""Where these clouds tell a machine its secrets, beside the link's own addresses."""
NOT_PUBLIC = (IPv6Network("fec0::/10"), IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""Site-local, for protocols, relays of 6to4: withdrawn, or in part global to Python."""

Address = IPv4Address | IPv6Address


class AddressRefused(ValueError):
    """Questions may not go there; the message says why, in a sentence for who set it up."""


def check_url(url: str) -> None:
    """Refuse what is no address of a listed host; a name that resolves must do so properly.

    One that does not resolve now, or not in time, is looked at again when it is asked.
    """
    host, port, is_secure = parts_of(url)
    check_host(host)
    try:
        resolved(host, port, is_secure=is_secure)
    except OSError:
        return


def parts_of(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether it is encrypted; raises `AddressRefused`."""
    found = ADDRESS.fullmatch(url)
    if not found:
        raise AddressRefused(f"{url!r} is not an HTTP address such as https://host/v1.")
    try:
        port = urlsplit(url).port
    except ValueError:
        raise AddressRefused(f"{url!r} has no port that there is.") from None
    is_secure = found["scheme"] == "https"
    return found["host"].strip("[]").lower(), port or (443 if is_secure else 80), is_secure


def check_host(host: str) -> None:
    """Refuse a host that no pattern of LLM_HOSTS names."""
    name = host.rstrip(".").lower()
    if not any(_names(pattern, name) for pattern in settings.LLM_HOSTS):
        raise AddressRefused(f"{host} is not among LLM_HOSTS, the hosts that may be asked.")


def _names(pattern: str, name: str) -> bool:
    """`host`, or `*.host` for whatever ends in it."""
    pattern = pattern.strip("[]").lower()
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern


def resolved(host: str, port: int, *, is_secure: bool) -> list[str]:
    """The addresses behind a name, all of which may be asked; takes some seconds at most.

    Numbers in any writing are read as the machine would. Raises `AddressRefused` if one address
    may not be asked, OSError if there is none.
    """
    return checked(host, names.addresses_of(host, port, names.SECONDS), is_secure=is_secure)


def checked(host: str, found: list[str], *, is_secure: bool) -> list[str]:
    """The addresses found for a name; raises `AddressRefused` if one of them may not be asked."""
    for address in found:
        check_address(host, ip_address(address), is_secure=is_secure)
    return found


def check_address(host: str, address: Address, *, is_secure: bool) -> None:
    """Refuse addresses of our own network unless allowed, and the open air without encryption."""
    if is_never_asked(address):
        raise AddressRefused(f"{host} is at an address where no model can be.")
    if not is_public(address):
        if not settings.LLM_ALLOW_PRIVATE:
            raise AddressRefused(
                f"{host} is at an address of this machine or network, which LLM_ALLOW_PRIVATE "
                "does not allow."
            )
    elif not is_secure:
        raise AddressRefused(f"{host} is asked over the internet, which needs https://.")


def is_public(address: Address) -> bool:
    """Whether an address leads to the internet, whatever it is wrapped in."""
    inner = _unwrapped(address)
    return inner.is_global and not any(inner in network for network in NOT_PUBLIC)


def is_never_asked(address: Address) -> bool:
    """Whether it stands for no one machine, or is where clouds tell their machines secrets."""
    inner = _unwrapped(address)
    odd = inner.is_multicast or inner.is_unspecified
    odd |= inner.is_reserved and not inner.is_loopback
    return odd or inner.is_link_local or inner in METADATA


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
