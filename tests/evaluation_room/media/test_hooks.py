"""The contract with the libraries' insides: it holds here, and fails in words elsewhere."""

import importlib.metadata
from typing import Any

import aioice.ice
import pytest
from aiortc import RTCDtlsTransport

from evaluation_room.media import hooks


def test_the_libraries_at_hand_are_the_ones_the_hooks_were_made_for() -> None:
    assert hooks.check() == []


@pytest.mark.parametrize("name", ["aiortc", "aioice", "pylibsrtp"])
def test_another_version_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def other(asked: str) -> str:
        return "99.0" if asked == name else real(asked)

    monkeypatch.setattr(importlib.metadata, "version", other)
    assert len(hooks.check()) == 1
    with pytest.raises(hooks.HooksUnfit, match=f"{name} is 99.0"):
        hooks.install()


def test_a_name_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(RTCDtlsTransport, "_set_role")
    with pytest.raises(hooks.HooksUnfit, match="_set_role"):
        hooks.install()


def test_an_attribute_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = aioice.ice.Connection.__init__

    def without(self: aioice.ice.Connection, **given: Any) -> None:
        real(self, **given)
        del self._early_checks

    monkeypatch.setattr(aioice.ice.Connection, "__init__", without)
    assert hooks.check() == ["aioice.ice.Connection attributes"]
