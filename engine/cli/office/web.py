"""``web``: the web page alone; ``run`` starts it beside the scheduler."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.office.opened import now_in_utc
from engine.cli.output import say

if TYPE_CHECKING:
    import uvicorn

HostOption = Annotated[
    str, typer.Option("--host", metavar="ĐỊA_CHỈ", help="Địa chỉ mạng để lắng nghe; 0.0.0.0 là mọi địa chỉ.")
]
PortOption = Annotated[int, typer.Option("--port", metavar="CỔNG", min=1, max=65535, help="Cổng.")]
LOCAL, PORT = "127.0.0.1", 8000


@app.command("web", help="Chạy trang web, cho đến khi dừng (Ctrl+C).")
def web(host: HostOption = LOCAL, port: PortOption = PORT, home: HomeOption = HERE) -> None:
    say(f"Trang web: http://{host}:{port}  Dừng bằng Ctrl+C.")
    server_of(home, host, port).run()


def server_of(home: Path, host: str, port: int) -> uvicorn.Server:
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
        create_app(Site(home, now_in_utc)),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)
