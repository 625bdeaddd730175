"""The container files say what the Compose specification allows, and nothing secret."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]

# From the Compose specification (github.com/compose-spec/compose-spec): the keys used here.
DURATION = re.compile(r"^(\d+(us|ms|s|m|h))+$")
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
RESTARTS = re.compile(r"^(no|always|unless-stopped|on-failure(:\d+)?)$")
HEALTH: dict[str, type] = {
    "test": list,
    "interval": str,
    "timeout": str,
    "start_period": str,
    "retries": int,
}
SERVICE: dict[str, type | tuple[type, ...]] = {
    "build": str, "image": str, "restart": str, "init": bool, "environment": dict,
    "volumes": list, "depends_on": dict, "command": list, "ports": list, "healthcheck": dict,
    "stop_grace_period": str,
}  # fmt: skip


def compose_faults(document: dict[str, Any]) -> Iterator[str]:
    """What Compose would refuse, or start in vain."""
    for key in document.keys() - {"name", "services", "volumes"}:
        if not key.startswith("x-"):
            yield f"unknown key {key}"
    for name, service in document["services"].items():
        yield from (f"{name}: {fault}" for fault in service_faults(service, document))


def service_faults(service: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one service."""
    for key, value in service.items():
        if not isinstance(value, SERVICE.get(key, ())):
            yield f"{key} is unknown or of the wrong type"
    if not {"image", "build"} & service.keys():
        yield "neither image nor build"
    if not RESTARTS.match(service.get("restart", "no")):
        yield "unknown restart"
    yield from health_faults(service.get("healthcheck", {}))
    yield from volume_faults(service.get("volumes", []), document.get("volumes", {}))
    yield from dependency_faults(service.get("depends_on", {}), document["services"])
    for part in [*service.get("command", []), *service.get("environment", {}).values()]:
        if not isinstance(part, str):
            yield f"{part!r} is no text"


def health_faults(check: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a health check."""
    for key, value in check.items():
        if not isinstance(value, HEALTH.get(key, ())):
            yield f"healthcheck.{key} is unknown or of the wrong type"
        elif isinstance(value, str) and not DURATION.match(value):
            yield f"healthcheck.{key} is no duration"
    if check and check["test"][0] not in {"CMD", "CMD-SHELL"}:
        yield "healthcheck.test starts with neither CMD nor CMD-SHELL"


def volume_faults(mounts: list[str], declared: dict[str, Any]) -> Iterator[str]:
    """Mounts of volumes that nobody declared."""
    for mount in mounts:
        source, _, target = mount.partition(":")
        if source not in declared or not target.startswith("/"):
            yield f"volume {mount}"


def dependency_faults(wanted: dict[str, Any], services: dict[str, Any]) -> Iterator[str]:
    """Waiting for services that do not exist, or for a health that nobody checks."""
    for name, how in wanted.items():
        if name not in services or how["condition"] not in CONDITIONS:
            yield f"depends on {name}"
        elif how["condition"] == "service_healthy" and "healthcheck" not in services[name]:
            yield f"waits for the health of {name}, which has no check"


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def test_compose_file_is_valid() -> None:
    assert list(compose_faults(compose())) == []


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("web", "port", ["80:80"]),
        ("web", "ports", "80:80"),
        ("web", "restart", "sometimes"),
        ("web", "volumes", ["elsewhere:/data"]),
        ("web", "depends_on", {"nobody": {"condition": "service_started"}}),
        ("web", "depends_on", {"migrate": {"condition": "service_healthy"}}),
        ("web", "healthcheck", {"test": ["CMD", "true"], "interval": "5 seconds"}),
        ("valkey", "command", ["valkey-server", "--appendonly", True]),
    ],
)
def test_compose_fault_is_found(service: str, key: str, value: object) -> None:
    document = compose()
    document["services"][service][key] = value

    assert len(list(compose_faults(document))) == 1


def test_everything_that_stays_is_checked_for_health() -> None:
    services = compose()["services"]

    staying = {name for name, service in services.items() if service["restart"] != "no"}

    assert staying == {"postgres", "valkey", "web", "worker", "sweeper"}
    assert [name for name in staying if "healthcheck" not in services[name]] == []


def test_no_secret_is_written_down() -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY")
    values = {
        value
        for service in compose()["services"].values()
        for name, value in service.get("environment", {}).items()
        if secret.search(name)
    }

    assert {value for value in values if not value.startswith("${")} == set()


def test_broker_keeps_everything_it_takes() -> None:
    command = " ".join(compose()["services"]["valkey"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert users == ["firsthand"]


def test_example_environment_lists_every_setting() -> None:
    settings = (ROOT / "config" / "settings.py").read_text()
    example = (ROOT / ".env.example").read_text()

    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)) | {"LLM_API_KEY"}

    assert set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE)) == read


@pytest.mark.parametrize("service", ["web", "worker", "sweeper"])
def test_systemd_starts_what_compose_starts(service: str) -> None:
    (unit,) = (ROOT / "deploy" / "systemd").glob(f"firsthand-{service}*.service")
    line = re.search(r"^ExecStart=\S+/bin/(.+)$", unit.read_text(), re.MULTILINE)
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

    assert line is not None
    assert (
        line[1].removesuffix(" -n worker%i@%%h").split() == compose["services"][service]["command"]
    )
