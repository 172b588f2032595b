"""Addresses of clusters: host:port, with or without a scheme in front."""

from __future__ import annotations

from urllib.parse import urlsplit

from audition.errors import InputError


def place_of(address: str, engine: str) -> tuple[str, int]:
    """Host and port of an address; raises InputError where it does not say both.

    >>> place_of("ray://head:10001", "Ray"), place_of("[::1]:8786", "Dask")
    (('head', 10001), ('::1', 8786))
    """
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        host, port = parts.hostname, parts.port
    except (TypeError, ValueError):
        host, port = None, None
    if not host or not port:
        raise InputError(
            f"{address!r} is no address of a {engine} cluster: it must be of the form host:port."
        )
    return host, port


def scheme_of(address: str) -> str:
    """What stands in front of ://, or nothing.

    >>> scheme_of("tcp://head:8786"), scheme_of("head:8786")
    ('tcp', '')
    """
    return address.partition("://")[0] if "://" in address else ""
