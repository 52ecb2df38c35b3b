"""Who is sending: a name by which another process on this machine can tell that it is dead."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_worker() -> str:
    """The machine, the process and its start: unique, also after a process id is used again."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_started(pid)}"


def is_dead(worker: str) -> bool:
    """True only when ``worker`` ran on this machine and surely no longer runs."""
    host, _, rest = worker.partition("/")
    pid, _, started = rest.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    now = _started(int(pid))
    return now == "gone" or (now != "unknown" and started not in ("", "unknown") and now != started)


def _started(pid: int) -> str:
    """The start time of a process in clock ticks (Linux), "gone" or "unknown" elsewhere."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "gone"
        except OSError:
            return "unknown"
        return "unknown"
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return "gone"
    # A zombie sends nothing any more.
    return "gone" if fields[0] == "Z" else fields[19]
