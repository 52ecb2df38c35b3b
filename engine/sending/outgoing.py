"""A stored message as it goes out: with a link of its own, whose token the database does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.engine import Connection

from engine.notices.wording import LINK_PATH, LINK_TO_COME
from engine.sending.terms import Terms
from engine.store.access import links
from engine.store.messages.outbox import Message
from notifiers import facts
from notifiers.address import Address
from notifiers.channel import Channel
from notifiers.errors import MessageError
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status
from notifiers.registry import Form, kind_of

UNSUBSCRIBE = "/tin-de-biet"
"""Below the page of the link: where a person says that they want no more copies (RFC 8058)."""

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message about to go out, and the token of the link in it."""

    message: Message
    token: str | None = field(default=None, repr=False)


def with_links(
    connection: Connection, messages: Sequence[Message], names: Names, terms: Terms
) -> list[Claimed]:
    """The messages, each with a new link in the name of who reads there; as it is where it holds none."""
    wanted = {message.id: _link_of(message, names) for message in messages if _holds_link(message)}
    tokens = dict(zip(wanted, links.make_all(connection, [*wanted.values()], now=terms.now), strict=True))
    return [_filled(message, tokens.get(message.id)) for message in messages]


def _holds_link(message: Message) -> bool:
    return LINK_TO_COME in message.text or LINK_TO_COME in message.facts.get(facts.LINK, "")


def _link_of(message: Message, names: Names) -> links.NewLink:
    name = names.get((message.address.channel, message.address.value), "")
    return links.NewLink(tuple(message.recipient.split("; ")), message.address.value, name)


def _filled(message: Message, token: str | None) -> Claimed:
    if token is None:
        return Claimed(message)
    own = LINK_PATH + token
    values = {key: value.replace(LINK_TO_COME, own) for key, value in message.facts.items()}
    if facts.LINK in values:
        values[facts.LINK] = token
    text, html = message.text.replace(LINK_TO_COME, own), message.html.replace(LINK_TO_COME, own)
    return Claimed(replace(message, text=text, html=html, facts=values), token)


def attempt(channel: Channel, claimed: Claimed, terms: Terms) -> Outcome:
    """One attempt to send; never raises."""
    message = claimed.message
    try:
        recipient = Address(message.address.value, message.address.name)
    except MessageError as error:
        return Outcome(Status.PERMANENT, detail=str(error), cause=Cause.RECIPIENT)
    try:
        outgoing = OutgoingMessage(
            id=message.id,
            recipient=recipient,
            subject=message.subject,
            text=message.text,
            html=message.html or None,
            date=message.created_at,
            headers=_headers(claimed, terms.base_url),
            facts=message.facts,
            attachments=message.attachments,
        )
    except MessageError as error:
        return Outcome(Status.PERMANENT, detail=str(error), cause=Cause.MESSAGE)
    try:
        return channel.send(outgoing)
    except Exception as error:  # noqa: BLE001 - a channel that breaks its word costs one message, not the pass
        detail = f"Kênh gửi gặp lỗi ngoài dự kiến ({type(error).__name__})"
        return Outcome(Status.UNKNOWN, detail=detail)


def _headers(claimed: Claimed, base_url: str | None) -> dict[str, str]:
    """What lets a mail program offer to unsubscribe: only from what is for information, never from what
    a unit owes."""
    kind = kind_of(claimed.message.address.channel)
    mail = kind is not None and kind.form is Form.MAIL
    if not (mail and claimed.message.copies and claimed.token and base_url):
        return {}
    return {
        "List-Unsubscribe": f"<{base_url}{LINK_PATH}{claimed.token}{UNSUBSCRIBE}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
