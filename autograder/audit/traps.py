"""Secrets to steal and doors to knock at, laid out beside a submission while it is graded."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

import psutil

from autograder.sandbox.forked import servers
from autograder.sandbox.survivors import is_alive
from autograder.temporary import prefix

_VARIABLE = "AUTOGRADER_PLANTED_SECRET"


class Traps:
    """A secret in a file, in the environment, in memory and behind a descriptor; three sockets.

    `found` says afterwards what was touched. Use it as a context manager around the grading.
    """

    def __init__(self) -> None:
        self.secret = f"planted-{secrets.token_hex(16)}"
        self.mark = f"mark-{secrets.token_hex(6)}"
        self.folder = Path(tempfile.mkdtemp(prefix=prefix()))
        self.folder.chmod(0o755)
        self.file = self.folder / "reference.py"
        self.file.write_text(f"answer = '{self.secret}'\n", encoding="utf-8")
        self.file.chmod(0o644)
        self.canary = self.folder / "canary"
        self.canary.mkdir()
        self.canary.chmod(0o777)
        self.visits = 0
        self.listeners = [socket.create_server(("127.0.0.1", 0))]
        self.port = self.listeners[0].getsockname()[1]
        self.unix, self.mailbox = self.mark, self.folder / "mailbox"
        if sys.platform == "linux":
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(f"\0{self.unix}")
            listener.listen()
            self.listeners.append(listener)
            mailbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            mailbox.bind(str(self.mailbox))
            self.mailbox.chmod(0o777)
            self.listeners.append(mailbox)
        self.descriptor = os.open(self.file, os.O_RDONLY)
        os.set_inheritable(self.descriptor, True)
        self.before: set[psutil.Process] = set()

    def __enter__(self) -> Traps:
        os.environ[_VARIABLE] = self.secret
        for listener in self.listeners:
            threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
        self.before = set(psutil.Process().children(recursive=True))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.environ.pop(_VARIABLE, None)
        os.close(self.descriptor)
        for listener in self.listeners:
            # Closing alone does not wake up a thread that accepts.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                if listener.type == socket.SOCK_DGRAM:
                    if not listener.recv(1):
                        return
                else:
                    listener.accept()[0].close()
                self.visits += 1

    def fill_in(self, source: bytes) -> bytes:
        """Return the text with the places of the traps in it."""
        words = {
            "@SECRET_FILE@": str(self.file),
            "@PORT@": str(self.port),
            "@UNIX@": self.unix,
            "@MAILBOX@": str(self.mailbox),
            "@CANARY@": str(self.canary),
            "@MARK@": self.mark,
        }
        for word, meaning in words.items():
            source = source.replace(word.encode(), meaning.encode())
        return source

    def found(self, report: str) -> list[str]:
        """Say what was touched: `report` is all of its text, that for staff too."""
        touched = []
        if self.secret in report:
            touched.append("the planted secret stands in the report")
        if self.visits:
            touched.append("a socket of this machine was reached")
        if any(self.canary.iterdir()):
            touched.append("a file was written outside the scratch folder")
        survivors = [each for each in psutil.process_iter() if self._is_survivor(each)]
        own = set(psutil.Process().children(recursive=True)) - self.before - set(survivors)
        # What has ended, and waits for somebody to ask how, has not survived.
        survivors += [each for each in own if is_alive(each) and each.pid not in servers()]
        if survivors:
            processes = "1 process" if len(survivors) == 1 else f"{len(survivors)} processes"
            touched.append(f"{processes} survived")
            for each in survivors:
                with contextlib.suppress(psutil.Error):
                    each.kill()
        return touched

    def _is_survivor(self, process: psutil.Process) -> bool:
        try:
            return process.pid != os.getpid() and self.mark in " ".join(process.cmdline())
        except psutil.Error:
            return False
