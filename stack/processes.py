"""Processes as Linux knows them: ours are found by a mark in their environment.

A mark is inherited by everything a part starts, survives a change of session or parent, and
cannot be mistaken for another process that got an old pid.
"""

import ctypes
import os
import resource
import signal
import time
from collections.abc import Iterable
from pathlib import Path

MARK = "ALPES_STACK_DE"
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Run in a child before exec: the kernel kills it when the supervisor dies, however it dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def marked(home: Path) -> list[int]:
    """Every live process that the stack of this folder started, the supervisor included."""
    wanted = f"{MARK}={home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        # A zombie's environment reads as empty: it holds nothing, so it does not count.
        if wanted in environment.split(b"\0"):
            found.append(int(entry.name))
    return sorted(found)


def kill_marked(home: Path, *, spare: int = 0, seconds: float = 10) -> list[int]:
    """SIGKILL what is left and return those pids. Raises TimeoutError if one will not die."""
    killed: set[int] = set()
    deadline = time.monotonic() + seconds
    while left := [pid for pid in marked(home) if pid != spare]:
        if time.monotonic() > deadline:
            raise TimeoutError(left)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.add(pid)
        time.sleep(0.05)
    return sorted(killed)


def wait_gone(home: Path, pids: Iterable[int], seconds: float = 20) -> None:
    """Wait for parts that a kill has reached but that still hold their files and ports.

    A process that is letting go of its memory has an empty environment, so `marked` misses it.
    Raises TimeoutError.
    """
    deadline = time.monotonic() + seconds
    wanted = f"{MARK}={home}".encode()
    while left := [pid for pid in pids if _holds_on(pid, wanted)]:
        if time.monotonic() > deadline:
            raise TimeoutError(left)
        time.sleep(0.05)


def _holds_on(pid: int, mark: bytes) -> bool:
    folder = Path(f"/proc/{pid}")
    try:
        state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        environment = (folder / "environ").read_bytes()
    except OSError:
        return False
    # Another environment: another process, which got the number.
    return state not in "ZX" and (not environment or mark in environment.split(b"\0"))


def rss_mib(session: int) -> int:
    """Resident memory of a part and all it started, 0 when it is gone.

    Pages that a web server's workers share are counted in each of them.
    """
    pages = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # After the name: state, parent, group, session, …; RSS is the 22nd.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session:
                pages += int(fields[21])
    return pages * resource.getpagesize() // (1024 * 1024)
