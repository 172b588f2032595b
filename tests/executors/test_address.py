"""Addresses of clusters are refused at once where they cannot be any."""

from __future__ import annotations

from typing import Any

import pytest

from audition.errors import InputError
from audition.executors.address import place_of, scheme_of


@pytest.mark.parametrize(
    ("address", "scheme", "place"),
    [
        ("head:8786", "", ("head", 8786)),
        ("tcp://10.0.0.1:8786", "tcp", ("10.0.0.1", 8786)),
        ("ray://head:10001", "ray", ("head", 10001)),
        ("[::1]:6379", "", ("::1", 6379)),
        ("tls://[fe80::1]:8786", "tls", ("fe80::1", 8786)),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, scheme: str, place: tuple[str, int]) -> None:
    assert (scheme_of(address), place_of(address, "Dask")) == (scheme, place)


@pytest.mark.parametrize(
    "address", ["", "head", "tcp://head", ":8786", "head:", "head:port", "head:0", "head:70000", "[::1", 8786]
)
def test_what_says_no_host_or_no_port_is_refused(address: Any) -> None:
    with pytest.raises(
        InputError, match=r"is no address of a Ray cluster: it must be of the form host:port\.$"
    ):
        place_of(address, "Ray")
