"""One SMTP connection kept for many mails, with limits on every wait, on top of smtplib."""

import contextlib
import io
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

from notifiers.smtp_outcome import SmtpFailure, Stage, Trouble
from notifiers.smtp_settings import Security, SmtpSettings

_QUIT_SECONDS = 2.0


class _Budget:
    """How long the far end may take: for one wait, and for one mail as a whole (monotonic seconds)."""

    def __init__(self, step: float, whole: float) -> None:
        self._step, self._whole = step, whole
        self._ends = 0.0
        self.begin()

    def begin(self, whole: float | None = None) -> None:
        self._ends = time.monotonic() + (self._whole if whole is None else whole)

    def next_wait(self) -> float:
        """Seconds that the next wait may last; raises TimeoutError when the whole is used up."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("time for this mail is used up")
        return min(self._step, left)


class _BudgetedReads(io.RawIOBase):
    """Reads from a socket so that a byte now and then does not reset the clock, as a plain time-out would."""

    def __init__(self, sock: Any, budget: _Budget) -> None:
        self._sock, self._budget = sock, budget
        self._reply_ends = 0.0

    def readable(self) -> bool:
        return True

    def begin_reply(self) -> None:
        self._reply_ends = time.monotonic() + self._budget.next_wait()

    def readinto(self, buffer: Any, /) -> int:
        left = self._reply_ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the reply took too long")
        self._sock.settimeout(left)
        received: int = self._sock.recv_into(buffer)
        return received


class _Connection(smtplib.SMTP):
    def __init__(self, budget: _Budget, **options: Any) -> None:
        self._budget = budget
        self._reads: _BudgetedReads | None = None
        super().__init__(**options)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            if self.file is None:  # also after STARTTLS: the old one goes, with what it had buffered
                self._reads = _BudgetedReads(self.sock, self._budget)
                self.file = io.BufferedReader(self._reads)
            try:
                if self._reads is not None:
                    self._reads.begin_reply()
            except TimeoutError:
                self.close()
                raise
        return super().getreply()

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._budget.next_wait())
        super().send(s)

    def auth(self, mechanism: str, authobject: Any, *, initial_response_ok: bool = True) -> tuple[int, bytes]:
        try:
            return super().auth(mechanism, authobject, initial_response_ok=initial_response_ok)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code == 535 and mechanism.upper() in ("PLAIN", "LOGIN"):
                # smtplib would offer the same password once more: each time counts towards a locked mailbox.
                raise smtplib.SMTPResponseException(error.smtp_code, error.smtp_error) from None
            raise


class _TlsConnection(_Connection, smtplib.SMTP_SSL):
    pass


class SmtpSession:
    """Hands mails to one server, opening and re-opening the connection as needed. Safe between threads."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._budget = _Budget(settings.read_timeout, settings.timeout)
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._last_used = 0.0

    def transfer(self, sender: str, recipient: str, mail: bytes) -> tuple[int, str]:
        """Sends `mail` (CRLF lines, ASCII) to one recipient; the accepting reply. Raises SmtpFailure.

        Both addresses must have passed `mail_address_problem`: they go into a command as they are.

        A connection that had ended since the last mail is opened anew once; nothing else is tried again.
        """
        with self._lock:
            if time.monotonic() - self._last_used > self._settings.idle_timeout:
                self._drop()
            reused = self._connection is not None
            try:
                return self._transfer(sender, recipient, mail)
            except SmtpFailure as failure:
                if not (reused and failure.stale):
                    raise
            return self._transfer(sender, recipient, mail)

    def close(self) -> None:
        """Says QUIT, waiting at most two seconds for the answer."""
        with self._lock:
            if self._connection is not None:
                self._budget.begin(_QUIT_SECONDS)
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    self._connection.docmd("QUIT")
                self._drop()

    def _transfer(self, sender: str, recipient: str, mail: bytes) -> tuple[int, str]:
        self._budget.begin()
        try:
            connection = self._connection or self._connect()
            with _stage(Stage.SENDER):
                size = f" SIZE={len(mail)}" if connection.has_extn("size") else ""
                _expect(Stage.SENDER, connection.docmd("MAIL", f"FROM:<{sender}>{size}"), 250)
            with _stage(Stage.RECIPIENT):
                _expect(Stage.RECIPIENT, connection.docmd("RCPT", f"TO:<{recipient}>"), 250, 251, 252)
            with _stage(Stage.DATA):
                _expect(Stage.DATA, connection.docmd("DATA"), 354)
            with _stage(Stage.CONTENT):
                # One call: as long as it fails, the closing dot has not left, so the mail is not complete.
                connection.send(_stuffed(mail) + b".\r\n")
            with _stage(Stage.ANSWER):
                return _expect(Stage.ANSWER, connection.getreply(), 250)
        except SmtpFailure as failure:
            self._recover(failure)
            raise
        except BaseException:  # stopped in the middle of a sentence: what follows would be misread
            self._drop()
            raise
        finally:
            self._last_used = time.monotonic()

    def _connect(self) -> _Connection:
        settings = self._settings
        with _stage(Stage.CONNECT):
            context = ssl.create_default_context(cafile=settings.ca_file or None)
            options: dict[str, Any] = {
                "host": settings.host,
                "port": settings.port,
                "local_hostname": settings.helo,  # otherwise smtplib asks the name service
                "timeout": settings.connect_timeout,
            }
            if settings.security is Security.SSL:
                connection: _Connection = _TlsConnection(self._budget, context=context, **options)
            else:
                connection = _Connection(self._budget, **options)
        self._connection = connection
        with _stage(Stage.CONNECT):
            connection.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            with _stage(Stage.TLS):
                connection.starttls(context=context)
                connection.ehlo_or_helo_if_needed()
        if settings.user and settings.password:
            with _stage(Stage.LOGIN):
                connection.login(settings.user, settings.password)
        return connection

    def _recover(self, failure: SmtpFailure) -> None:
        """Keeps the connection after a plain refusal of this mail; drops it after everything else."""
        if failure.trouble is Trouble.REFUSED and failure.code != 421 and self._connection is not None:
            if failure.stage is Stage.ANSWER:
                return
            if failure.stage in (Stage.SENDER, Stage.RECIPIENT, Stage.DATA):
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    if self._connection.rset()[0] == 250:
                        return
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()


def _stuffed(mail: bytes) -> bytes:
    """With a second dot before each line that starts with one (RFC 5321, 4.5.2)."""
    stuffed = mail.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if mail.startswith(b".") else stuffed


def _expect(stage: Stage, reply: tuple[int, bytes], *wanted: int) -> tuple[int, str]:
    code, text = reply[0], reply[1].decode("utf-8", "replace")
    if code in wanted:
        return code, text
    if 400 <= code < 600:
        raise SmtpFailure(stage, Trouble.REFUSED, code, text)
    raise SmtpFailure(stage, Trouble.GARBLED)


@contextlib.contextmanager
def _stage(stage: Stage) -> Iterator[None]:
    """Turns whatever smtplib, ssl and sockets raise inside into an SmtpFailure of `stage`."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        # smtplib puts its own error over the socket's.
        late = isinstance(error.__context__, TimeoutError)
        raise SmtpFailure(stage, Trouble.TIMEOUT if late else Trouble.LOST) from error
    except smtplib.SMTPResponseException as error:
        raw = error.smtp_error
        # A str is smtplib's own "500 Line too long", not an answer of the server.
        if isinstance(raw, str) or not 400 <= error.smtp_code < 600:
            raise SmtpFailure(stage, Trouble.GARBLED) from error
        raise SmtpFailure(stage, Trouble.REFUSED, error.smtp_code, raw.decode("utf-8", "replace")) from error
    except ssl.SSLCertVerificationError as error:
        raise SmtpFailure(Stage.TLS, Trouble.UNTRUSTED) from error
    except TimeoutError as error:
        raise SmtpFailure(stage, Trouble.TIMEOUT) from error
    except ssl.SSLError as error:
        if stage in (Stage.CONNECT, Stage.TLS):
            raise SmtpFailure(Stage.TLS, Trouble.TLS_FAILED) from error
        raise SmtpFailure(stage, Trouble.LOST) from error
    except (smtplib.SMTPException, ValueError) as error:  # ValueError: CRAM-MD5 where the system bans MD5
        raise SmtpFailure(stage, Trouble.UNSUPPORTED) from error
    except OSError as error:
        raise SmtpFailure(stage, Trouble.LOST) from error
