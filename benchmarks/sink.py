"""A mail server that throws everything away: ``python -m benchmarks.sink`` serves and prints its port."""

from __future__ import annotations

import socket
import sys
from typing import Any

from aiosmtpd.controller import Controller


class _Nowhere:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


def main() -> None:
    """Serves until standard input ends, that is until whoever started it is gone."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(_Nowhere(), hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    main()
