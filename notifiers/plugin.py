"""Channels of ours inside Apprise: one plugin that any carrier can stand behind. Alone imports Apprise.

Apprise gives a plugin text and a title and takes a boolean. A carrier knows whole messages and outcomes; the
plugin drives it when somebody calls Apprise (`apprise.Apprise().add("smtp://…?to=…")`), and our own channels
reach through the plugin to the carrier, so that there is one way to the far end and not two.
"""

import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from apprise import Apprise, AppriseAsset, NotifyType, PersistentStoreMode
from apprise.manager_plugins import NotificationManager
from apprise.plugins.base import NotifyBase

from notifiers.address import Address
from notifiers.errors import ChannelError, MessageError
from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome, Status


class Carrier(Protocol):
    """What hands messages to a far end. Its repr shows no secret: Apprise may log it."""

    def deliver(self, message: OutgoingMessage) -> Outcome:
        """One attempt; never raises for anything the far end does."""
        ...

    def close(self) -> None:
        """Gives back what is held open; a later `deliver` opens it again."""
        ...

    def url(self, *, masked: bool, targets: Sequence[str]) -> str:
        """The URL that makes this carrier again; with `masked` without secrets and readable addresses."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a URL says: the carrier, to whom, and the short values of a template message."""

    carrier: Carrier
    targets: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


Parse = Callable[[str], Reading]
"""Reads a URL; ValueError (ChannelError is one) for one that is wrong."""


# Apprise declares its class attributes as None and types only some of its functions: hence the ignores.
class CarrierPlugin(NotifyBase):  # type: ignore[no-untyped-call]
    """The plugin; `register` derives one class from it for each service."""

    url_identifier = False  # type: ignore[assignment]
    category = "custom"
    body_maxlen = 1_000_000
    # Apprise would wait 5.5 s between two sends: the far end says when it has enough.
    request_rate_per_sec = 0
    storage_mode = PersistentStoreMode.MEMORY
    persistent_storage = False
    templates = ("{schema}://{host}", "{schema}://{host}:{port}")  # type: ignore[assignment]
    parse: Parse

    def __init__(
        self,
        carrier: Carrier,
        targets: Sequence[str] = (),
        facts: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.carrier = carrier
        self.targets = tuple(targets)
        self.facts = dict(facts or {})

    def close(self) -> None:
        """Gives back the carrier's connections."""
        self.carrier.close()

    def send(
        self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any
    ) -> bool:
        """Apprise's own entry: the same text to each target. True when every one was accepted.

        False without targets: nothing ever goes to the sender instead.
        """
        try:
            outcomes = [self.carrier.deliver(self._message(body, title, target)) for target in self.targets]
        except MessageError:
            return False
        return bool(outcomes) and all(outcome.status is Status.SENT for outcome in outcomes)

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """The URL that makes this plugin again; with `privacy` without secrets and readable addresses."""
        return self.carrier.url(masked=privacy, targets=self.targets)

    def __len__(self) -> int:
        return len(self.targets) or 1

    @classmethod
    def parse_url(cls, url: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Apprise's reading of a URL; None when it is wrong, as Apprise expects."""
        try:
            reading = cls.parse(url)
        except ValueError:
            return None
        return _options(url.partition("://")[0].lower(), reading)

    def _message(self, body: str, title: str, target: str) -> OutgoingMessage:
        now = datetime.now(UTC)
        return OutgoingMessage(
            uuid.uuid4().hex, Address(target), title or "Đôn đốc", body, now, facts=self.facts
        )


def register(schemes: Sequence[str], service_name: str, parse: Parse) -> type[CarrierPlugin]:
    """Makes URLs with these schemes known to Apprise under a Vietnamese name. May be called again."""
    with warnings.catch_warnings():
        # The first look-up loads all of Apprise's plugins; some import modules that Python deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        manager = NotificationManager()  # type: ignore[no-untyped-call]
        if schemes[0] in manager:
            known: type[NotifyBase] = manager[schemes[0]]
            if issubclass(known, CarrierPlugin) and known.parse is parse:
                return known
        names = {"service_name": service_name, "protocol": tuple(schemes), "parse": staticmethod(parse)}
        made = type(f"Notify{schemes[0].capitalize()}", (CarrierPlugin,), names)
        manager.add(made, force=True)  # type: ignore[no-untyped-call]
    return made


def driven(plugin: type[CarrierPlugin], carrier: Carrier) -> CarrierPlugin:
    """A plugin with this carrier, made by Apprise. ChannelError where Apprise has it switched off."""
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, secure_logging=True)
    scheme = plugin.protocol[0]  # type: ignore[index]
    made = Apprise.instantiate(_options(scheme, Reading(carrier)), asset=asset, suppress_exceptions=False)
    if not isinstance(made, plugin):
        raise ChannelError(
            f"Kênh “{plugin.service_name}” đang bị tắt trong Apprise. "
            "Hãy xem các biến APPRISE_ALLOW_SERVICES và APPRISE_DENY_SERVICES."
        )
    return made


def _options(scheme: str, reading: Reading) -> dict[str, Any]:
    """What Apprise hands to the plugin; the carrier stays one object whose text shows no secret."""
    return {
        "schema": scheme,
        "host": "localhost",  # Apprise wants one; where it goes is the carrier's own knowledge
        "carrier": reading.carrier,
        "targets": list(reading.targets),
        "facts": dict(reading.facts),
    }
