"""A hub on this machine in place of the real one, and one that is out of reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from shortlisting.hub_server import hub


@pytest.fixture
def local_hub(framework: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that are asked of a hub with the recorded listing."""
    framework("huggingface_hub")
    from huggingface_hub import constants

    with hub() as (address, asked):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield asked


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without a network."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("audition.shortlisting.hub.out_of_reach", lambda address: "HF_HUB_OFFLINE is set")
