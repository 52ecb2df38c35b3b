"""What became of one attempt to send."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from notifiers.address import mask
from notifiers.lines import single_line


class Status(StrEnum):
    """`unknown`: the far end may have the message; sending again may deliver it twice."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Whose trouble a failure is. `channel` says nothing about the contact and hits every message:
    temporary, the channel rests (for `retry_after` where the far end named a time); permanent, it stops
    until a person has put it right (money, configuration)."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a channel, kept with the delivery.

    `code` is the channel's own number (an SMTP reply code). `detail` is one Vietnamese line for the office;
    addresses and long numbers in it are masked on construction. `retry_after` is what the far end asked for,
    if it did; None leaves the pace to the ledger. `cause` is None when sent or unknown. `reference` is the
    far end's own name for the message, `remaining` how many more it said that it takes today.
    """

    status: Status
    code: int | None = None
    detail: str = ""
    retry_after: timedelta | None = None
    cause: Cause | None = None
    reference: str = ""
    remaining: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", single_line(mask(self.detail), 300)[0])

    @property
    def retry_helps(self) -> bool:
        """True when the same message may be sent again without risk of a double."""
        return self.status is Status.TEMPORARY
