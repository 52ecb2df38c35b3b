"""A real SMTP server in a thread that keeps what it gets and misbehaves on command."""

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATES = Path(__file__).parent / "certificates"
FOR_EVER = 3600.0


@dataclass(frozen=True)
class Say:
    """Answer with this line instead of the usual one."""

    line: str


@dataclass(frozen=True)
class SayThenReset:
    """Answer, then cut the connection."""

    line: str


@dataclass(frozen=True)
class Hang:
    """Never answer."""


@dataclass(frozen=True)
class Drop:
    """Cut the connection instead of answering."""


@dataclass(frozen=True)
class Drip:
    """Answer one byte at a time, `pause` seconds apart."""

    line: str
    pause: float = 0.2


@dataclass(frozen=True)
class Pause:
    """Take so many seconds, then behave."""

    seconds: float


Action = Say | SayThenReset | Hang | Drop | Drip | Pause


@dataclass(frozen=True)
class Received:
    """A mail that reached the server whole."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class SmtpSink:
    """What tests see. `script` maps a step (CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, BODY, RSET,
    QUIT) to the actions for its next occurrences; without one the server behaves."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    script: dict[str, deque[Action]] = field(default_factory=dict)
    cut_all: Callable[[], None] = lambda: None
    """Cuts every connection at once, as when the server falls over."""

    def will(self, step: str, *actions: Action) -> None:
        self.script.setdefault(step, deque()).extend(actions)

    def next_action(self, step: str) -> Action | None:
        self.commands.append(step)
        waiting = self.script.get(step)
        return waiting.popleft() if waiting else None


class _ScriptedSmtp(SMTP):
    def __init__(self, sink: SmtpSink, transports: set[Any], **options: Any) -> None:
        self._sink, self._transports, self._greeted = sink, transports, False
        super().__init__(self, **options)

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:
            self._sink.connections += 1
        self._transports.add(transport)
        super().connection_made(transport)

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            if await self._acted("CONNECT"):
                return
        await super().push(status)

    async def _acted(self, step: str) -> bool:
        """Plays the next scripted action of `step`; False if there is none."""
        match self._sink.next_action(step):
            case None:
                return False
            case Say(line):
                await super().push(line)
            case SayThenReset(line):
                await super().push(line)
                await asyncio.sleep(0.05)
                await self._cut()
            case Drip(line, pause):
                for letter in line:
                    self._writer.write(letter.encode())
                    await asyncio.sleep(pause)
                await super().push("")
            case Drop():
                await self._cut()
            case Hang():
                await asyncio.sleep(FOR_EVER)
            case Pause(seconds):
                await asyncio.sleep(seconds)
                return False
        return True

    async def _cut(self) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()
        await asyncio.sleep(FOR_EVER)  # until the lost connection ends this task

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802 (the name says which command it serves)
        if not await self._acted("EHLO"):
            await super().smtp_EHLO(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("QUIT"):
            await super().smtp_QUIT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if not await self._acted("RSET"):
            await super().smtp_RSET(arg)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self._sink.received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        waiting = self._sink.script.get("BODY")
        if waiting and isinstance(waiting[0], Say):
            return cast(Say, self._sink.next_action("BODY")).line
        await self._acted("BODY")
        return "250 2.0.0 Ok: queued as 4F2A"


@contextmanager
def smtp_server(
    *,
    tls: str = "",
    certificate: str = "localhost",
    login: tuple[str, str] | None = None,
    size_limit: int = 10_000_000,
) -> Iterator[SmtpSink]:
    """A server on a free port of 127.0.0.1.

    `tls`: "", "starttls" or "ssl", with a certificate from certificates/; `login`: the one account it knows.
    """
    sink = SmtpSink()
    transports: set[Any] = set()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / f"{certificate}-key.pem")
    loop = asyncio.new_event_loop()

    def authenticate(*given: Any) -> AuthResult:
        data = given[-1]
        right = isinstance(data, LoginPassword) and login == (data.login.decode(), data.password.decode())
        return AuthResult(success=right, handled=right)

    def protocol() -> _ScriptedSmtp:
        return _ScriptedSmtp(
            sink,
            transports,
            hostname="sink.test",
            ident="sink",
            loop=loop,
            data_size_limit=size_limit,
            tls_context=context if tls == "starttls" else None,
            authenticator=authenticate if login else None,
            auth_require_tls=False,
        )

    def cut_all() -> None:
        for transport in list(transports):
            # Python 3.11.2 cannot abort a TLS transport that is already closed.
            if not transport.is_closing():
                transport.abort()

    async def stop() -> None:
        cut_all()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.01)

    # The loop runs in its own thread from its first step on: a browser test may have left one in this thread.
    thread = threading.Thread(target=loop.run_forever, name="smtp-sink")
    thread.start()
    listening = loop.create_server(protocol, "127.0.0.1", 0, ssl=context if tls == "ssl" else None)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(10)
    sink.port = server.sockets[0].getsockname()[1]
    sink.cut_all = lambda: cast(None, loop.call_soon_threadsafe(cut_all))
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
