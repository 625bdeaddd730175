"""A public site does not start with settings that are fit for trying out only."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.checks import check_site
from config.environment import is_own
from tests.site import ROOT

STRONG = "Zq3v9Lr7Xw1Tn5Kb8Hd2Gs6Fm4Pc0Jy-Ue_RaViOtNlBkMj"


@pytest.fixture
def public(settings: Any) -> Any:
    settings.IS_HTTPS = settings.RATE_LIMITS = True
    settings.DEBUG = False
    settings.TRUSTED_PROXIES = 1
    settings.SECRET_KEY = STRONG
    settings.ALLOWED_HOSTS = ["judge.example.org"]
    return settings


def test_a_public_site_may_start(public: Any) -> None:
    assert check_site() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEBUG", True, 2),
        ("ALLOWED_HOSTS", ["*"], 3),
        ("SECRET_KEY", "short", 4),
        ("SECRET_KEY", "a" * 60, 4),
        ("SECRET_KEY", f"django-insecure-{STRONG}", 4),
        ("RATE_LIMITS", False, 5),
        ("TRUSTED_PROXIES", 0, 6),
        ("OPEN_SIGNUP", True, 1),
    ],
)
def test_what_is_for_trying_out_is_refused(public: Any, name: str, value: Any, number: int) -> None:
    public.HAS_MAIL = False
    setattr(public, name, value)

    assert [fault.id for fault in check_site()] == [f"firsthand.E{number:03}"]


def test_ones_own_machine_may_try(settings: Any) -> None:
    settings.IS_HTTPS = False
    settings.DEBUG = True

    assert check_site() == []


@pytest.mark.parametrize("program", [["manage.py", "up"], ["-m", "config.server"]])
def test_nothing_starts_with_them(tmp_path: Path, program: list[str]) -> None:
    unsafe = {"SITE_URL": "https://judge.example.org", "SECRET_KEY": "short", "PORT": "8994"}
    done = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "RATE_LIMITS": "true"} | unsafe,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "SECRET_KEY is short or known" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("127.0.0.1", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("https://judge.example.org", False),
        ("192.168.1.7", False),
    ],
)
def test_whether_only_this_machine_reaches_an_address(address: str, is_ours: bool) -> None:
    assert is_own(address) is is_ours
