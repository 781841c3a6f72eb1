"""Grading on a Dask cluster: an executor like any other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from autograder.intake.gathering import IntakeError
from autograder.sandbox.trouble import MachineTrouble
from autograder.version import other_version

# Until it is said that there is no scheduler, or that it has no workers.
SECONDS = 5


def cluster(url: str, version: Callable[[], str] | None = None) -> Callable[[], Executor]:
    """Return what connects to the cluster whose scheduler is at `url`.

    Its workers need this same autograder; submissions are sent to them, so that no file system is
    shared. A worker that dies has its submission graded by another one. `version` tells in what
    version a process has all that results depend on: a worker that tells another one is refused.
    Raises IntakeError where the cluster can't be reached or the package is not installed, and
    MachineTrouble where it has no workers, or workers of another version.
    """
    try:
        from distributed import Client
        from distributed.cfexecutor import ClientExecutor
    except ImportError:
        raise IntakeError(
            "--executor needs the package distributed: install autograder with the extra `cluster`."
        ) from None
    _be_quiet()

    class Connected(ClientExecutor):
        """An executor with a connection of its own, which ends with it."""

        def is_there(self) -> bool:
            return bool(self._client.status == "running")

        def shutdown(self, wait: bool = True, **options: Any) -> None:
            if self.is_there():
                super().shutdown(wait, **options)
            self._client.close(timeout=1)

    def connect() -> Client:
        try:
            return Client(url, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise IntakeError(f"There is no Dask scheduler at {url}: {error}.") from None

    # That there is none, or nobody to work for it, is said before anything is read.
    client = connect()
    try:
        _refuse_strangers(client, url, version)
    finally:
        client.close(timeout=1)
    # Not pure: a result is that of one call, and must not be kept for the next.
    return lambda: Connected(connect(), pure=False)


def _be_quiet() -> None:
    """Silence what Dask logs of lost connections, with tracebacks: we say it in a sentence."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _refuse_strangers(client: Any, url: str, version: Callable[[], str] | None) -> None:
    """Raise MachineTrouble where there is no worker, or one of another version, by its address."""
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        raise MachineTrouble(
            f"the Dask scheduler at {url} has no workers. Start some: dask worker {url}"
        ) from None
    if version is None:
        return
    own = version()
    told = client.run(version, on_error="return")
    strangers = sorted(address for address, each in told.items() if each != own)
    if strangers:
        raise MachineTrouble(other_version(", ".join(strangers)))
