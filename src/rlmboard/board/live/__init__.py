"""What happens now, sent as it happens: one hub, a session for each socket."""

from .hub import MOST_SEQ, Hub
from .session import Session

__all__ = ["MOST_SEQ", "Hub", "Session"]
