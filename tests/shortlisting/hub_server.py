"""A hub on this machine: answers /api/models as huggingface.co does, out of a recorded listing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

LISTING = Path(__file__).parent / "listing.json"
PAGE = 4  # models: small, so that several pages are read


class Hub(BaseHTTPRequestHandler):
    """Filters as the hub does, and sends a page with a link to the next; anything else is not found."""

    asked: list[str] = []  # noqa: RUF012  # of the server of one test, which makes its own class
    broken = ""

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        parts = urlsplit(self.path)
        if self.broken or parts.path != "/api/models":
            return self._send(self.broken.encode() or b"not found", 200 if self.broken else 404)
        query = parse_qs(parts.query)
        start = int(query.get("cursor", ["0"])[0])
        found = [model for model in json.loads(LISTING.read_text()) if _is_asked(model, query)]
        link = f"<{self._address()}&cursor={start + PAGE}>; rel=next" if len(found) > start + PAGE else ""
        self._send(json.dumps(found[start : start + PAGE]).encode(), 200, link)

    def _address(self) -> str:
        return f"http://{self.headers['Host']}{self.path.partition('&cursor=')[0]}"

    def _send(self, body: bytes, status: int, link: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", link.replace("rel=next", 'rel="next"'))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


def _is_asked(model: dict[str, object], query: dict[str, list[str]]) -> bool:
    name, tags = str(model["id"]), model.get("tags", [])
    assert isinstance(tags, list)
    return (
        query.get("pipeline_tag", [model["pipeline_tag"]])[0] == model["pipeline_tag"]
        and name.startswith(query["author"][0] + "/" if "author" in query else "")
        and query.get("search", [""])[0].lower() in name.lower()
        and all(tag in tags for tag in query.get("filter", []))
    )


@contextmanager
def hub(broken: str = "") -> Iterator[tuple[str, list[str]]]:
    """The address of a hub, and the paths that are asked of it. broken: what it answers in place of a listing."""
    handler = type("ThisHub", (Hub,), {"asked": [], "broken": broken})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
