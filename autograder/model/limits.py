"""What the student's code may use. CPU time is the limit; wall time is the precaution."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; every one of them is read from the rubric's `[limits]`.

    Attributes
    ----------
    call_cpu_seconds, call_wall_seconds : for one call, unless its check gives other ones.
    statement_cpu_seconds : for one top-level statement while loading.
    load_cpu_seconds : for all of them together; then only definitions are still run.
    total_cpu_seconds, total_wall_seconds : for the whole submission.
    memory_mib : address space of one process, and resident memory of all of them together.
    processes : processes and threads at a time.
    file_mib, scratch_mib : largest file, and all files of the scratch directory.
    open_files : file descriptors at a time.
    output_mib : printed by one call.
    reply_mib : numbers returned by one call; each counts as the eight bytes of a float.
    """

    call_cpu_seconds: float = 5.0
    call_wall_seconds: float = 20.0
    statement_cpu_seconds: float = 3.0
    load_cpu_seconds: float = 12.0
    total_cpu_seconds: float = 120.0
    total_wall_seconds: float = 300.0
    memory_mib: int = 1024
    processes: int = 32
    file_mib: int = 16
    scratch_mib: int = 64
    open_files: int = 128
    output_mib: int = 8
    reply_mib: int = 16

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} = {value} is not a positive number")


@dataclass(frozen=True)
class CallLimits:
    """Limits of one call, in seconds."""

    cpu: float
    wall: float
