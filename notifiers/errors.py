"""What can be wrong before anything is sent. Texts are Vietnamese: people read them."""


class MessageError(ValueError):
    """A message that must not be handed to any channel: what is wrong and what to do."""


class ChannelError(ValueError):
    """A channel setting that cannot be used. Never quotes a password."""
