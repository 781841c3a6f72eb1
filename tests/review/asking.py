"""A client without a network: requests as the server's interface (ASGI) has them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

HOST = "127.0.0.1:8470"


class Client:
    """One browser: its cookie, and what it sends with each request."""

    def __init__(self, gate: Any, host: str = HOST) -> None:
        self.gate, self.host, self.cookie = gate, host, ""

    def enter(self, grader: str) -> None:
        status, headers, _ = self.get(f"/enter/{self.gate.tokens[grader]}")
        assert status == 200
        self.cookie = headers["set-cookie"].partition(";")[0]

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.send("GET", path, b"", headers)

    def post(self, path: str, value: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        own = {"origin": f"http://{self.host}", "content_type": "application/json", **headers}
        status, _, body = self.send("POST", path, json.dumps(value).encode(), own)
        try:
            return status, json.loads(body)
        except ValueError:
            return status, {"error": body.decode()}

    def json(self, path: str) -> dict[str, Any]:
        status, _, body = self.get(path)
        assert status == 200, body
        return json.loads(body)

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        return asyncio.run(self.asked(method, path, body, headers))

    async def asked(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        sent = {"host": self.host, "cookie": self.cookie}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": plain,
            "raw_path": plain.encode("utf-8", "replace"),
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in sent.items() if v],
            "scheme": "http",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8470),
            "root_path": "",
        }
        answers: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            answers.append(message)

        await self.gate(scope, receive, send)
        start = answers[0]
        data = b"".join(each.get("body", b"") for each in answers[1:])
        return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, data
