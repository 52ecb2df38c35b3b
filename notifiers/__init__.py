"""Channels that carry a finished message to a person. Knows nothing of plans.

The whole outside surface is re-exported here; importing it loads no channel and no Apprise.
"""

from notifiers.address import Address, mail_address_problem, mask
from notifiers.channel import Channel
from notifiers.errors import ChannelError, MessageError
from notifiers.message import Attachment, OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status
from notifiers.registry import open_channel

__all__ = [
    "Address",
    "Attachment",
    "Cause",
    "Channel",
    "ChannelError",
    "MessageError",
    "Outcome",
    "OutgoingMessage",
    "Status",
    "mail_address_problem",
    "mask",
    "open_channel",
]
