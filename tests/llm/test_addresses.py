"""Where questions may go: refused when saved, refused when asked, before a socket opens."""

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import httpx2
import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError

from bench.fakellm.server import FakeLlm
from config.environment import hosts_to_ask
from llm import addresses, client
from llm.actions.endpoints import ensure_endpoint
from llm.addresses import AddressRefused, check_url, is_public
from llm.errors import CallFailed, EndpointBroken
from llm.models import Call, Endpoint
from llm.pinning import Pinned
from tests.llm.conftest import Ask

EVERY_HOST = ["*.test", "host.test"]
PUBLIC, INNER = "93.184.216.34", "10.0.0.7"

# -- What is saved -------------------------------------------------------------------

FORBIDDEN = [
    "127.0.0.1", "127.1", "0.0.0.0", "169.254.169.254", "10.0.0.1", "172.16.3.4", "192.168.1.1",
    "100.64.0.1", "100.100.100.200", "198.18.0.1", "224.0.0.1", "255.255.255.255", "2130706433",
    "0x7f.1", "0x7f000001", "0177.0.0.1", "[::1]", "[::]", "[fd00::1]", "[fe80::1]", "[ff02::1]",
    "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fd00:ec2::254]", "[fec0::1]", "192.0.0.9", "192.88.99.1", "localhost",
]  # fmt: skip


@pytest.fixture
def strict(settings: Any) -> Any:
    """A site that others reach, where every host of these tests is on the list."""
    settings.LLM_ALLOW_PRIVATE = False
    settings.LLM_HOSTS = [*EVERY_HOST, *(host.strip("[]") for host in FORBIDDEN)]
    return settings


@pytest.mark.parametrize("host", FORBIDDEN)
def test_address_of_our_own_network_is_refused(host: str, strict: Any) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(AddressRefused):
            check_url(f"{scheme}://{host}/v1")


@pytest.mark.parametrize("host", FORBIDDEN)
def test_listed_host_is_needed_even_if_private_addresses_are_allowed(
    host: str, settings: Any
) -> None:
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = ["host.test"], True

    with pytest.raises(AddressRefused, match="LLM_HOSTS"):
        check_url(f"http://{host}/v1")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://host.test/", "redis://host.test:6379/0", "ftp://host.test/",
        "unix:///run/docker.sock", "/run/docker.sock", "//host.test/v1", "host.test/v1", "https://",
        "https:///v1", "https://ada:secret@host.test/v1", "https://host.test@10.0.0.1/v1",
        "https://host.test/v1?key=x", "https://host.test/v1#x", "https://host.test\\@10.0.0.1/",
        "https://host.test:99999/v1", "https://host.test:x/v1", "https://host .test/v1",
        "https://host.test/v1\r\nX: y", "https://hôst.test/v1", "https://[::1/v1", "javascript:1",
        "HTTPS://host.test/%2e%2e", "https://host.test\t/v1", "https://host.test\x00/v1",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str, strict: Any) -> None:
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize(
    ("pattern", "name", "is_named"),
    [
        ("host.test", "host.test", True),
        ("host.test", "HOST.test.", True),
        ("host.test", "evil-host.test", False),
        ("host.test", "a.host.test", False),
        ("*.host.test", "a.host.test", True),
        ("*.host.test", "a.b.host.test", True),
        ("*.host.test", "host.test", False),
        ("*.host.test", "host.test.evil.test", False),
        ("*.host.test", "evilhost.test", False),
    ],
)
def test_pattern_names_hosts(pattern: str, name: str, is_named: bool, settings: Any) -> None:
    settings.LLM_HOSTS = [pattern]

    if is_named:
        addresses.check_host(name)
    else:
        with pytest.raises(AddressRefused):
            addresses.check_host(name)


SECRETS = [
    "169.254.169.254", "fe80::a9fe:a9fe", "fd00:ec2::254", "fd20:ce::254", "fd20:CE:0::254",
    "fd00:42::42", "fd00:c1::a9fe:a9fe", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    "::ffff:192.0.0.192", "64:ff9b::c000:c0", "2002:6464:64c8::",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_where_clouds_tell_secrets_is_refused_even_if_private_is_allowed(
    text: str, settings: Any
) -> None:
    settings.LLM_ALLOW_PRIVATE = True

    with pytest.raises(AddressRefused, match="no model"):
        addresses.check_address("host.test", ip_address(text), is_secure=True)


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


def test_open_air_needs_encryption(settings: Any, names: dict[str, list[str]]) -> None:
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = ["host.test"], True
    names["host.test"] = [PUBLIC]

    with pytest.raises(AddressRefused, match="https"):
        check_url("http://host.test/v1")
    check_url("https://host.test/v1")
    names["host.test"] = [INNER]
    check_url("http://host.test/v1")


@pytest.mark.django_db
def test_endpoint_is_not_saved_at_a_refused_address(strict: Any) -> None:
    with pytest.raises(ValidationError, match="LLM_ALLOW_PRIVATE"):
        ensure_endpoint(name="x", base_url="https://10.0.0.1/v1", model="m")

    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("listed", "base_url", "own", "hosts"),
    [
        ([], "", "127.0.0.1", ["localhost", "127.0.0.1", "::1"]),
        ([], "https://a.test/v1", "0.0.0.0", ["a.test"]),
        (["*.b.test"], "https://a.test/v1", "127.0.0.1", ["*.b.test", "a.test"]),
        ([], "", "0.0.0.0", []),
    ],
)
def test_hosts_follow_from_the_settings(
    listed: list[str], base_url: str, own: str, hosts: list[str]
) -> None:
    assert hosts_to_ask(listed, base_url, own) == hosts


@pytest.mark.parametrize("bad", ["*", "https://a.test", "a.test/v1", "a*.test", "a test", ""])
def test_bad_pattern_stops_the_start(bad: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LLM_HOSTS"):
        hosts_to_ask([bad], "", "127.0.0.1")


# -- What is asked -------------------------------------------------------------------


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names mean, for as long as the test says so."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host not in known:
            return real(host, port, *rest, **more)
        if not known[host]:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def canary() -> Iterator[tuple[str, list[int]]]:
    """A port on this machine, and who came."""
    came: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def wait() -> None:
            while True:
                try:
                    listening.accept()[0].close()
                except OSError:
                    return
                came.append(1)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", came
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hosts", [["127.0.0.1"], ["host.test"]])
def test_refused_address_is_not_even_knocked_at(
    hosts: list[str], canary: tuple[str, list[int]], asked: Ask, settings: Any
) -> None:
    where, came = canary
    Endpoint.objects.update(base_url=f"http://{where}/v1")
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = hosts, False
    client.close_clients()

    with pytest.raises(EndpointBroken, match=r"address_refused: 127\.0\.0\.1"):
        asked(endpoint=Endpoint.objects.get())

    assert came == []
    assert [call.outcome for call in Call.objects.all()] == ["address_refused"]


@pytest.mark.django_db(transaction=True)
def test_name_that_turns_inward_is_refused(
    names: dict[str, list[str]], canary: tuple[str, list[int]], asked: Ask, settings: Any
) -> None:
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = ["host.test"], False
    names["host.test"] = [PUBLIC]
    port = canary[0].partition(":")[2]
    rebound = ensure_endpoint(name="r", base_url=f"https://host.test:{port}/v1", model="m")
    names["host.test"] = ["127.0.0.1"]

    with pytest.raises(EndpointBroken, match="address_refused"):
        asked(endpoint=rebound)

    assert canary[1] == []


@pytest.mark.django_db(transaction=True)
def test_one_bad_address_of_several_is_enough(names: dict[str, list[str]], settings: Any) -> None:
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = ["host.test"], False
    names["host.test"] = [PUBLIC, INNER]

    with pytest.raises(AddressRefused):
        check_url("https://host.test/v1")


class Recorder(httpx2.BaseTransport):
    """Notes where it is sent; cannot reach what stands in `down`."""

    def __init__(self, *down: str) -> None:
        self.down, self.sent = down, []  # type: ignore[var-annotated]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        said = request.headers["host"], request.extensions["sni_hostname"]
        self.sent.append((request.url.host, *said))
        if request.url.host in self.down:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(200)


def test_connection_goes_to_the_checked_address(names: dict[str, list[str]], settings: Any) -> None:
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = ["host.test"], False
    names["host.test"] = [PUBLIC]
    wire = Recorder()
    with httpx2.Client(transport=Pinned(wire)) as asking:
        asking.get("https://host.test/v1")
        names["host.test"] = ["127.0.0.1"]
        asking.get("https://host.test/v1")

    assert wire.sent == [(PUBLIC, "host.test", "host.test")] * 2


def test_next_address_is_tried_where_one_is_down(
    names: dict[str, list[str]], settings: Any
) -> None:
    settings.LLM_HOSTS, settings.LLM_ALLOW_PRIVATE = ["host.test"], False
    names["host.test"] = ["8.8.4.4", PUBLIC]
    wire = Recorder("8.8.4.4")
    with httpx2.Client(transport=Pinned(wire)) as asking:
        asking.get("https://host.test/v1")

    assert [where for where, _host, _name in wire.sent] == ["8.8.4.4", PUBLIC]


@pytest.mark.django_db(transaction=True)
def test_unknown_name_is_no_lasting_fault(
    names: dict[str, list[str]], asked: Ask, settings: Any
) -> None:
    settings.LLM_HOSTS = ["host.test"]
    names["host.test"] = []
    nowhere = ensure_endpoint(name="n", base_url="https://host.test/v1", model="m")

    with pytest.raises(CallFailed, match="net_connect"):
        asked(endpoint=nowhere)


@pytest.mark.django_db(transaction=True)
def test_name_of_this_machine_is_asked_if_allowed(server: FakeLlm, asked: Ask) -> None:
    url = server.url.replace("127.0.0.1", "localhost")

    assert asked(endpoint=ensure_endpoint(name="l", base_url=url, model="fake-model")).value
