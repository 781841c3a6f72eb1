"""Who may ask: one gate before everything else of the server.

A grader has an address of their own with a secret token, which is new at each start. Opening it
gives their browser a cookie, which holds over a restart. Host and Origin are checked against DNS
rebinding and forged requests (https://owasp.org/www-community/attacks/csrf); the policy lets a
page load nothing but the server's own script, style and pictures.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]

_ENTER = "/enter/"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# The page moves on by itself, from here: a redirect would still count as coming from elsewhere,
# and the browser would keep the cookie back.
_WELCOME = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Grading</title>'
    b'<meta http-equiv="refresh" content="0; url=/"><p>You can grade now: <a href="/">go on</a>.'
)
_STRANGER = (
    "This page needs the address that `autograder review` printed when it was started, with its "
    "token. Open that one."
)


class Gate:
    """Lets nobody through to the server but graders, from pages of its own."""

    def __init__(self, app: _App, graders: Sequence[str], secret: str, host: str) -> None:
        """`secret` makes the cookies, `host` is the address that the server listens at."""
        self.app = app
        self.tokens = {name: secrets.token_urlsafe(32) for name in graders}
        self._secret, self._names = secret, _names_of(host)
        self._cookie = f"review-{hashlib.sha256(secret.encode()).hexdigest()[:8]}"

    def address(self, grader: str, where: str) -> str:
        """Return the address of a grader at "HOST:PORT"."""
        return f"http://{where}{_ENTER}{self.tokens[grader]}"

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = _headers_of(scope)
        if problem := self._refusal(scope, headers):
            await _answer(send, 403, problem.encode(), b"text/plain; charset=utf-8")
            return
        path = scope["path"]
        if path.startswith(_ENTER):
            await self._enter(path[len(_ENTER) :], send)
            return
        grader = self._grader_of(headers.get("cookie", ""))
        if grader is None:
            await _answer(send, 403, _STRANGER.encode(), b"text/plain; charset=utf-8")
            return
        scope["grader"] = grader
        await self.app(scope, receive, _with_headers(send))

    def _refusal(self, scope: _Scope, headers: dict[str, str]) -> str:
        """Return why a request is refused whoever sends it, "" where it isn't."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return "This server is not to be reached under that name."
        site = headers.get("sec-fetch-site", "same-origin")
        if scope["method"] in ("GET", "HEAD"):
            alien = site == "cross-site" and not scope["path"].startswith(_ENTER)
            return "Pages of others may not ask this server." if alien else ""
        if scope["method"] != "POST":
            return "Only GET and POST are understood."
        if headers.get("origin") != f"http://{host}" or site != "same-origin":
            return "Only pages of this server may change anything."
        if headers.get("content-type", "").partition(";")[0] != "application/json":
            return "Only JSON is understood."
        return ""

    def _is_ours(self, host: str) -> bool:
        """Tell whether a Host names this machine; its port may be another one, of a tunnel."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
            urlsplit(f"//{host}").port  # noqa: B018
        except ValueError:
            return False
        if any(each in host for each in "/?#@\\ "):
            return False
        return name in self._names or ("*" in self._names and _is_address(name))

    async def _enter(self, token: str, send: _Send) -> None:
        given = token.encode("utf-8", "replace")
        found = [
            name for name, own in self.tokens.items() if hmac.compare_digest(own.encode(), given)
        ]
        if not found:
            await _answer(send, 403, _STRANGER.encode(), b"text/plain; charset=utf-8")
            return
        cookie = f"{self._cookie}={self._cookie_of(found[0])}; Path=/; HttpOnly; SameSite=Strict"
        headers = [(b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
        await _answer(send, 200, _WELCOME, b"text/html; charset=utf-8", headers)

    def _cookie_of(self, grader: str) -> str:
        mark = hmac.new(self._secret.encode(), f"cookie\0{grader}".encode(), "sha256").hexdigest()
        return f"{urlsafe_b64encode(grader.encode()).decode().rstrip('=')}.{mark}"

    def _grader_of(self, header: str) -> str | None:
        """Return whose cookie it is, None for one that isn't ours."""
        try:
            found = SimpleCookie(header).get(self._cookie)
            name, _, _ = found.value.partition(".") if found is not None else ("", "", "")
            grader = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        except (CookieError, ValueError):
            return None
        if found is None or grader not in self.tokens:
            return None
        own = self._cookie_of(grader).encode()
        return grader if hmac.compare_digest(own, found.value.encode("utf-8", "replace")) else None


def _names_of(host: str) -> frozenset[str]:
    """Return the names under which a server is reached that listens at `host`; "*": any number.

    Only a name can be made to lead elsewhere (DNS rebinding); an address can't.
    """
    if is_loopback(host):
        return frozenset(_LOCAL)
    own = {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset({*_LOCAL, host.lower(), "*", *own})


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what listens at `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _headers_of(scope: _Scope) -> dict[str, str]:
    """Return the headers by name; of one that comes twice, nothing can be believed."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        found[key] = "\0" if key in found else value.decode("latin-1")
    return found


def _with_headers(send: _Send) -> _Send:
    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sent


async def _answer(
    send: _Send,
    status: int,
    body: bytes,
    kind: bytes,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    length = str(len(body)).encode()
    own = [(b"content-type", kind), (b"content-length", length), *_HEADERS, *headers]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": body})
