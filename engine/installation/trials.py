"""A trial message through the channels of an installation: opened, tried, recorded, closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine import trial_message
from engine.installation.channels import close_channels, open_channels
from engine.installation.opening import Installation
from engine.store.access.audit import Actor
from engine.store.database import reading, writing
from engine.store.messages import channel_states
from engine.store.people.contacts import Contact
from engine.trial_message import Trial


def send_trial(
    installation: Installation,
    contact: Contact,
    ways: Sequence[tuple[str, str]],
    actor: Actor,
    now: datetime,
) -> list[Trial]:
    """Sends one message to a contact of the address book along some of its ways, and records what became of
    it. DondocError for settings of a channel that cannot be used."""
    with reading(installation.engine) as connection:
        states = channel_states.everything(connection)
    channels = open_channels(installation, lambda: now)
    try:
        unit = installation.home.registry.full_name(contact.unit)
        trials = trial_message.try_ways(channels, states, ways, unit, now)
    finally:
        close_channels(channels)
    with writing(installation.engine) as connection:
        trial_message.record(connection, contact.id, trials, actor, now)
    return trials
