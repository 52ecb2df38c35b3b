"""E-mail through Apprise: a plugin of ours registered with Apprise, and the channel that drives it.

The only module that imports Apprise. Apprise's own `mailto://` opens a connection per call, makes a new
Message-ID each time, waits 5.5 s between sends, writes to the sender when there is no recipient and gives
one boolean for an outcome. So the plugin derives from NotifyBase, answers `smtp://` and `smtps://`, and
speaks SMTP through `smtp_session`. It works under `apprise.Apprise()` as any plugin does (`?to=`, one mail
for each); the channel calls `deliver`, which keeps what that interface has no room for: HTML beside text, the
stable id, the outcome.
"""

import uuid
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from apprise import Apprise, AppriseAsset, NotifyType, PersistentStoreMode
from apprise.manager_plugins import NotificationManager
from apprise.plugins.base import NotifyBase

from notifiers.address import Address, mail_address_problem
from notifiers.errors import ChannelError, MessageError
from notifiers.message import OutgoingMessage
from notifiers.mime import mail_bytes
from notifiers.outcome import Cause, Outcome, Status
from notifiers.smtp_outcome import SmtpFailure, accepted_outcome, failure_outcome
from notifiers.smtp_session import SmtpSession
from notifiers.smtp_settings import Security, SmtpSettings, parse_smtp_url
from notifiers.vault import TokenVault


# Apprise declares its class attributes as None and types only some of its functions: hence the ignores.
class NotifySmtp(NotifyBase):  # type: ignore[no-untyped-call]
    """Apprise plugin for `smtp://` and `smtps://`; its URL is that of `smtp_settings` with `to` added."""

    service_name = "Thư điện tử"  # type: ignore[assignment]
    setup_url = "https://datatracker.ietf.org/doc/html/rfc5321"  # type: ignore[assignment]
    protocol = "smtp"  # type: ignore[assignment]
    secure_protocol = "smtps"  # type: ignore[assignment]
    url_identifier = False  # type: ignore[assignment]
    category = "custom"
    body_maxlen = 1_000_000
    storage_mode = PersistentStoreMode.MEMORY
    persistent_storage = False
    templates = ("{schema}://{host}", "{schema}://{host}:{port}")  # type: ignore[assignment]

    def __init__(self, settings: SmtpSettings, targets: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.settings = settings
        self.targets = tuple(targets)
        self._session = SmtpSession(settings)

    def deliver(self, message: OutgoingMessage) -> Outcome:
        """One attempt to hand `message` to the server, over the connection kept from the last one."""
        recipient = message.recipient.value
        problem = mail_address_problem(recipient)
        if problem is not None:
            return Outcome(Status.PERMANENT, None, f"Không gửi: {problem}.", None, Cause.RECIPIENT)
        sender = self.settings.sender
        mail = mail_bytes(message, sender, self.settings.reply_to)
        try:
            code, text = self._session.transfer(sender.value, recipient, mail)
        except SmtpFailure as failure:
            return failure_outcome(failure)
        return accepted_outcome(code, text)

    def close(self) -> None:
        """Ends the connection; the next mail opens a new one."""
        self._session.close()

    def send(
        self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any
    ) -> bool:
        """Apprise's own entry: the same text to each `?to=`. True when every one was accepted.

        False without recipients: nothing ever goes to the sender instead. Never calls Apprise's `throttle`:
        the server says when it has enough.
        """
        try:
            outcomes = [self.deliver(self._plain_message(body, title, target)) for target in self.targets]
        except MessageError:
            return False
        return bool(outcomes) and all(outcome.status is Status.SENT for outcome in outcomes)

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """The URL that makes this plugin again; with `privacy` without password and readable addresses."""
        url = self.settings.url(masked=privacy)
        targets = [f"{len(self.targets)}***"] if privacy and self.targets else self.targets
        return "&".join([url, *(urlencode({"to": target}, safe="@*") for target in targets)])

    def __len__(self) -> int:
        return len(self.targets) or 1

    @staticmethod
    def parse_url(url: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Apprise's reading of a URL; None when it is wrong, as Apprise expects."""
        try:
            parts = urlsplit(url)
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            rest = urlencode([pair for pair in pairs if pair[0] != "to"])
            settings = parse_smtp_url(urlunsplit(parts._replace(query=rest)))
        except ValueError:  # ChannelError is one
            return None
        return _plugin_options(settings, [value for key, value in pairs if key == "to"])

    def _plain_message(self, body: str, title: str, target: str) -> OutgoingMessage:
        now = datetime.now(UTC)
        return OutgoingMessage(uuid.uuid4().hex, Address(target), title or "Đôn đốc", body, now)


class MailChannel:
    """The e-mail channel: the plugin above behind the `Channel` protocol."""

    name = "email"
    slots = 1

    def __init__(self, plugin: NotifySmtp) -> None:
        self._plugin = plugin

    def closed_until(self, now: datetime) -> datetime | None:
        """Never: a mail server has no night."""
        return None

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt, at most `timeout` seconds of the settings (plus name look-up)."""
        return self._plugin.deliver(message)

    def close(self) -> None:
        """Ends the connection to the server."""
        self._plugin.close()

    def __repr__(self) -> str:
        return f"MailChannel({self._plugin.settings.url(masked=True)!r})"


def open_from(values: Mapping[str, str], vault: TokenVault | None) -> MailChannel:
    """The channel of the setting `smtp_url`; it needs no vault. Raises ChannelError."""
    return open_channel(values["smtp_url"].strip())


def open_channel(url: str) -> MailChannel:
    """The channel for an `smtp://` or `smtps://` URL; connects at the first mail. Raises ChannelError."""
    settings = parse_smtp_url(url)
    register()
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, secure_logging=True)
    plugin = Apprise.instantiate(_plugin_options(settings, ()), asset=asset, suppress_exceptions=False)
    if not isinstance(plugin, NotifySmtp):
        raise ChannelError(
            "Kênh thư điện tử đang bị tắt trong Apprise. "
            "Hãy xem các biến APPRISE_ALLOW_SERVICES và APPRISE_DENY_SERVICES."
        )
    return MailChannel(plugin)


def register() -> None:
    """Makes `smtp://` and `smtps://` known to Apprise. May be called again."""
    with warnings.catch_warnings():
        # The first look-up loads all of Apprise's plugins; some import modules that Python deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        manager = NotificationManager()  # type: ignore[no-untyped-call]
        if "smtp" not in manager or manager["smtp"] is not NotifySmtp:
            manager.add(NotifySmtp, force=True)  # type: ignore[no-untyped-call]


def _plugin_options(settings: SmtpSettings, targets: Sequence[str]) -> dict[str, Any]:
    """What Apprise hands to the plugin; the settings stay one object whose text shows no secret."""
    secure = settings.security is Security.SSL
    return {
        "schema": "smtps" if secure else "smtp",
        "secure": secure,
        "host": settings.host,
        "port": settings.port,
        "settings": settings,
        "targets": list(targets),
    }
