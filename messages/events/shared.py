"""What may happen to any actor."""

from typing import Literal

from messages import base


class MessageParked(base.Event):
    """``receive`` raised: the message is kept here with the reason, and changed nothing."""

    Event: Literal["MessageParked"] = "MessageParked"
    Kind: str
    Reason: str
    Body: str
