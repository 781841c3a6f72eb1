"""The server at work: its socket, its addresses, its browser, and its end."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import webbrowser
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from autograder.review.grades import ReviewError
from autograder.review.room import Room
from autograder.review.security import is_loopback
from autograder.review.server import make_app
from autograder.text import wording

PORT = 8470
_NEEDED = ("starlette", "uvicorn", "jinja2", "markdown_it", "mdit_py_plugins", "latex2mathml")
_BACKLOG = 128


def why_no_review() -> str:
    """Return what to install for grading by hand in a browser, "" where it works."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"autograder review needs {wording.joined(missing)}: install the extra `review` "
        "(pip install 'autograder[review]')."
    )


def serve(
    room: Room,
    graders: Sequence[str],
    host: str,
    port: int,
    *,
    say: Callable[[str], None],
    browser: bool = True,
) -> None:
    """Serve until Ctrl-C. Raises ReviewError where nothing can listen there."""
    listening = _listening(host, port)
    try:
        app = make_app(room, graders, host)
        where = _where(host, listening.getsockname()[1])
        addresses = {name: app.address(name, where) for name in graders}
        for sentence in _sentences(addresses, host, listening.getsockname()[1]):
            say(sentence)
        room.pictures.start()
        if browser and is_loopback(host) and not _is_remote():
            # The socket listens already: whoever comes early waits.
            webbrowser.open(addresses[graders[0]])
        with contextlib.suppress(KeyboardInterrupt):
            _server(app, room.pictures.end).run(sockets=[listening])
    finally:
        listening.close()
        room.close()


def _server(app: Any, at_end: Callable[[], None]) -> Any:
    """Return the server; `at_end` is called as soon as it is asked to stop."""
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, number: int, frame: FrameType | None) -> None:
            at_end()
            super().handle_exit(number, frame)

    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return Server(config)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises ReviewError, with what to do."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ReviewError(
            f"Nothing can listen at {host}, port {port}: {why}. Is it running already? --port "
            "takes another one, 0 any that is free."
        ) from None
    return made


def _where(host: str, port: int) -> str:
    """Return HOST:PORT as others reach it."""
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _sentences(addresses: dict[str, str], host: str, port: int) -> list[str]:
    """Return what to tell whoever started it."""
    lines = []
    if not is_loopback(host):
        lines.append(
            f"Everybody in the network of {host} can reach this server, and what they and you send "
            "is not encrypted: who listens there can read students' work and the addresses below. "
            "Use it in a network that you trust, or leave --host out and use SSH (below)."
        )
    if len(addresses) == 1:
        lines.append(f"Grade here: {next(iter(addresses.values()))}")
    else:
        lines += [f"{name} grades here: {address}" for name, address in addresses.items()]
    if len(addresses) > 1 or not is_loopback(host):
        lines.append("Each address is one grader's own: what is done there is theirs in the log.")
    if _is_remote() or not is_loopback(host):
        lines.append(
            f"Over SSH: ssh -L {port}:127.0.0.1:{port} {socket.gethostname()}, and the same "
            "address with 127.0.0.1 in it at home."
        )
    lines.append("Ctrl-C stops it; every grade is on the disk already.")
    return lines


def _is_remote() -> bool:
    return "SSH_CONNECTION" in os.environ
