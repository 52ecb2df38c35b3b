"""E-mail: a carrier that speaks SMTP, and the channel that drives it through our plugin in Apprise.

Apprise's own `mailto://` opens a connection per call, makes a new Message-ID each time, waits 5.5 s between
sends, writes to the sender when there is no recipient and gives one boolean for an outcome. So the carrier
answers `smtp://` and `smtps://` and speaks SMTP through `smtp_session`.
"""

import queue
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from notifiers.address import mail_address_problem
from notifiers.message import OutgoingMessage
from notifiers.mime import mail_bytes
from notifiers.outcome import Cause, Outcome, Status
from notifiers.plugin import CarrierPlugin, Reading, driven, register
from notifiers.smtp_outcome import SmtpFailure, accepted_outcome, failure_outcome
from notifiers.smtp_session import SmtpSession
from notifiers.smtp_settings import SmtpSettings, parse_smtp_url
from notifiers.vault import TokenVault

SCHEMES = ("smtp", "smtps")
TITLE = "Thư điện tử"


class MailCarrier:
    """Hands mails to one server over as many connections as the settings have slots.

    Safe between threads: each takes a connection for one mail and gives it back, so that one that hangs holds
    up nobody else; the last one used is the next one taken, so that few mails need few connections.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self._sessions = tuple(SmtpSession(settings) for _ in range(settings.slots))
        self._free: queue.LifoQueue[SmtpSession] = queue.LifoQueue()
        for session in self._sessions:
            self._free.put(session)

    def __repr__(self) -> str:
        return f"MailCarrier({self.settings.url(masked=True)!r})"

    def deliver(self, message: OutgoingMessage) -> Outcome:
        """One attempt to hand `message` to the server, over a connection kept from before if there is one."""
        recipient = message.recipient.value
        problem = mail_address_problem(recipient)
        if problem is not None:
            return Outcome(Status.PERMANENT, None, f"Không gửi: {problem}.", None, Cause.RECIPIENT)
        sender = self.settings.sender
        mail = mail_bytes(message, sender, self.settings.reply_to)
        session = self._free.get()
        try:
            code, text = session.transfer(sender.value, recipient, mail)
        except SmtpFailure as failure:
            return failure_outcome(failure)
        finally:
            self._free.put(session)
        return accepted_outcome(code, text)

    def close(self) -> None:
        """Ends all connections; the next mail opens a new one."""
        for session in self._sessions:
            session.close()

    def url(self, *, masked: bool, targets: Sequence[str]) -> str:
        """The settings with a `to` for each target; `masked` says only how many there are."""
        url = self.settings.url(masked=masked)
        shown = [f"{len(targets)}***"] if masked and targets else targets
        return "&".join([url, *(urlencode({"to": target}, safe="@*") for target in shown)])


class MailChannel:
    """The e-mail channel: the plugin's carrier behind the `Channel` protocol."""

    name = "email"

    def __init__(self, plugin: CarrierPlugin, settings: SmtpSettings) -> None:
        self._plugin = plugin
        self._settings = settings

    @property
    def slots(self) -> int:
        """One for each connection."""
        return self._settings.slots

    def closed_until(self, now: datetime) -> datetime | None:
        """Never: a mail server has no night."""
        return None

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt, at most `timeout` seconds of the settings (plus name look-up)."""
        return self._plugin.carrier.deliver(message)

    def close(self) -> None:
        """Ends the connections to the server."""
        self._plugin.close()

    def __repr__(self) -> str:
        return f"MailChannel({self._settings.url(masked=True)!r})"


def open_from(values: Mapping[str, str], vault: TokenVault | None) -> MailChannel:
    """The channel of the setting `smtp_url`; it needs no vault. Raises ChannelError."""
    return open_channel(values["smtp_url"].strip())


def open_channel(url: str) -> MailChannel:
    """The channel for an `smtp://` or `smtps://` URL; connects at the first mail. Raises ChannelError."""
    settings = parse_smtp_url(url)
    return MailChannel(driven(plugin_class(), MailCarrier(settings)), settings)


def plugin_class() -> type[CarrierPlugin]:
    """The plugin for `smtp://` and `smtps://`, known to Apprise from the first call on."""
    return register(SCHEMES, TITLE, read_url)


def read_url(url: str) -> Reading:
    """The carrier and the recipients of a URL: that of the settings with `to` added. Raises ValueError."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([pair for pair in pairs if pair[0] != "to"])
    settings = parse_smtp_url(urlunsplit(parts._replace(query=rest)))
    return Reading(MailCarrier(settings), tuple(value for key, value in pairs if key == "to"))
