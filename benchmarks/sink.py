"""A mail server that throws everything away: ``python -m benchmarks.sink`` serves and prints its port.

To each line that it reads it answers with one: how many mails came since the last line, and how many of them
were different messages.
"""

from __future__ import annotations

import re
import socket
import sys
from typing import Any

from aiosmtpd.controller import Controller

_ID = re.compile(rb"(?mi)^Message-ID: <([^>@]*)")


class _Nowhere:
    """Keeps the names of what came and nothing else."""

    def __init__(self) -> None:
        self.arrived: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        found = _ID.search(envelope.content)
        self.arrived.append(found[1] if found else b"")
        return "250 OK"


def main() -> None:
    """Serves until standard input ends, that is until whoever started it is gone."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    nowhere = _Nowhere()
    controller = Controller(nowhere, hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    for _ in sys.stdin:
        arrived, nowhere.arrived = nowhere.arrived, []
        print(len(arrived), len(set(arrived)), flush=True)
    controller.stop()


if __name__ == "__main__":
    main()
