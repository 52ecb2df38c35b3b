"""What somebody said to the bot → its effect in the database and the answer. Each message counts once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from engine.store.access import attempts
from engine.store.access.tokens import hash_of
from engine.store.messages import refusals
from engine.store.people import bot_updates, pairing
from engine.store.people.contacts import EMAIL, ZALO, ZNS, Contact
from engine.store.people.pairing import BY_CHAT, Verdict
from engine.units import Registry
from engine.zalo import words
from engine.zalo.reading import Said, Wish, wish

_BY_WAY_OF = {EMAIL: "thư điện tử", ZNS: "tin ZNS"}


def answer(
    connection: Connection, said: Said, now: datetime, registry: Registry, channels: Collection[str]
) -> str | None:
    """What to say in the chat once the transaction is through; None for silence.

    ``channels`` are those that the installation has settings for: nobody is left without any. A message that
    was handed over before has no effect and no answer; nor has a chat that writes and writes.
    """
    if not bot_updates.is_new(connection, said.id, now):
        return None
    bot_updates.forget_old(connection, now)
    asked, code = wish(said.text)
    if said.is_group and asked is not Wish.PAIR:
        return None  # people talk to each other there
    talk = f"talk:{hash_of(said.chat)[:40]}"
    if attempts.wait_until(connection, talk, now) is not None:
        return None
    attempts.fail(connection, talk, now)
    if said.is_group:
        return words.IN_A_GROUP
    if asked is Wish.PAIR:
        return _paired(connection, code, said.chat, now, registry)
    served = pairing.served_by(connection, said.chat)
    if asked is Wish.STOP:
        return _stopped(connection, served, now, registry, channels)
    if not served:
        return words.UNKNOWN_CHAT
    return words.PERHAPS_STOP if asked is Wish.PERHAPS_STOP else words.known_chat(_units(served, registry))


def _paired(connection: Connection, code: str, chat: str, now: datetime, registry: Registry) -> str:
    result = pairing.use(connection, code, chat, now)
    match result.verdict:
        case Verdict.PAIRED:
            return words.paired(_units(result.contacts, registry))
        case Verdict.USED:
            return words.USED
        case Verdict.OVER:
            return words.OVER
        case Verdict.WAIT:
            return words.wait(attempts.again_words(result.until or now, now))
        case _:
            return words.WRONG


def _stopped(
    connection: Connection,
    served: Sequence[Contact],
    now: datetime,
    registry: Registry,
    channels: Collection[str],
) -> str:
    if not served:
        return words.NOTHING_TO_STOP
    others = {each.id: other_ways(connection, each, channels) for each in served}
    left_out = [each for each in served if not others[each.id]]
    if left_out:
        return words.cannot_stop(_units(left_out, registry))
    pairing.unpair(connection, served, BY_CHAT, now)
    first = dict.fromkeys(_BY_WAY_OF.get(ways[0], ways[0]) for ways in others.values())
    return words.stopped(_units(served, registry), " hoặc ".join(first))


def other_ways(connection: Connection, contact: Contact, channels: Collection[str]) -> list[str]:
    """The channels beside Zalo that may reach a contact, the preferred one first."""
    refused = refusals.everything(connection)
    return [
        channel
        for channel, address in contact.ways()
        if channel != ZALO and channel in channels and (channel, address) not in refused
    ]


def _units(contacts: Sequence[Contact], registry: Registry) -> list[str]:
    return [registry.full_name(each.unit) for each in contacts]
