"""Grading on a Dask cluster: an executor like any other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from autograder.intake.gathering import IntakeError

SECONDS = 15


def cluster(url: str) -> Callable[[], Executor]:
    """Return what connects to the cluster whose scheduler is at `url`.

    Its workers need this same autograder; submissions are sent to them, so that no file system is
    shared. A worker that dies has its submission graded by another one. Raises IntakeError where
    the cluster can't be reached or the package is not installed.
    """
    try:
        from distributed import Client
        from distributed.cfexecutor import ClientExecutor
    except ImportError:
        raise IntakeError(
            "--executor needs the package distributed: install autograder with the extra `cluster`."
        ) from None

    class Connected(ClientExecutor):
        """An executor with a connection of its own, which ends with it."""

        def shutdown(self, wait: bool = True, **options: Any) -> None:
            super().shutdown(wait, **options)
            self._client.close()

    def connect() -> Client:
        try:
            return Client(url, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise IntakeError(f"There is no Dask scheduler at {url}: {error}.") from None

    # That there is none is said before anything is read.
    connect().close()
    # Not pure: a result is that of one call, and must not be kept for the next.
    return lambda: Connected(connect(), pure=False)
