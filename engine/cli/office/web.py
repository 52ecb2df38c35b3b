"""``web``: the page alone; ``run``: the page and the scheduler together."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, HomeOption, app, read_instant
from engine.cli.office.opened import now_in_utc
from engine.cli.office.worker import serve, told_to_stop
from engine.cli.output import say
from engine.errors import DondocError, os_reason

if TYPE_CHECKING:
    import uvicorn

    from engine.watching.pulse import Pulse

HostOption = Annotated[
    str, typer.Option("--host", metavar="ĐỊA_CHỈ", help="Địa chỉ mạng để lắng nghe; 0.0.0.0 là mọi địa chỉ.")
]
PortOption = Annotated[
    int, typer.Option("--port", metavar="CỔNG", min=0, max=65535, help="Cổng; 0: tự chọn.")
]
AsIfOption = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        metavar="THỜI_ĐIỂM",
        parser=read_instant,
        help="Xem như bây giờ là lúc này, ví dụ 2023-12-31T08:00; để xem thử dữ liệu cũ.",
    ),
]
Clock = Callable[[], datetime]
LOCAL, PORT = "127.0.0.1", 8000
_PATIENCE = 15.0
"""Seconds that requests under way get at the end."""


@app.command("web", help="Chạy trang web, cho đến khi dừng (Ctrl+C).")
def web(
    host: HostOption = LOCAL, port: PortOption = PORT, at: AsIfOption = None, home: HomeOption = HERE
) -> None:
    stop = told_to_stop()
    clock = clock_from(at) if at is not None else now_in_utc
    with page_served(home, host, port, clock) as address:
        say(f"Trang web: {address}  Dừng bằng Ctrl+C.")
        stop.wait()


@app.command("run", help="Chạy trang web và bộ hẹn giờ cùng nhau, cho đến khi dừng (Ctrl+C).")
def run(host: HostOption = LOCAL, port: PortOption = PORT, home: HomeOption = HERE) -> None:
    # heavy: nothing yet, but only this command needs it
    from engine.watching.pulse import Pulse

    pulse = Pulse(now_in_utc())
    with page_served(home, host, port, now_in_utc, pulse) as address:
        say(f"Trang web: {address}")
        serve(home, pulse)


@contextmanager
def page_served(home: Path, host: str, port: int, clock: Clock, pulse: Pulse | None = None) -> Iterator[str]:
    """Serves the web page of a home in a thread while the block runs; gives its address. ``pulse`` is of the
    scheduler in the same process."""
    server = server_of(home, clock, pulse)
    with listening(host, port) as listener:
        page = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web")
        page.start()
        try:
            yield address_of(listener)
        finally:
            server.should_exit = True
            page.join(_PATIENCE)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that waits for visitors; DondocError when the address or the port cannot be had."""
    try:
        listener = socket.create_server((host, port), family=_family(host), backlog=2048)
    except OSError as error:
        raise DondocError(f"Không mở được trang web ở {host}, cổng {port}: {os_reason(error)}") from error
    with listener:
        yield listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address_of(listener: socket.socket) -> str:
    """The http address of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def clock_from(at: datetime) -> Clock:
    """A clock that shows ``at`` now and goes on from there."""
    started = now_in_utc()
    return lambda: at + (now_in_utc() - started)


def server_of(home: Path, clock: Clock, pulse: Pulse | None = None) -> uvicorn.Server:
    """A server for the web page of a home, not yet running."""
    # heavy: the web server and every page
    import uvicorn

    # heavy: as above
    from web.app import create_app
    from web.request_lines import configure_log
    from web.site import Site

    configure_log()
    # Addresses hold tokens: our own log has the pattern of each address, uvicorn's would have the address.
    config = uvicorn.Config(
        create_app(Site(home, clock, pulse)),
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)
