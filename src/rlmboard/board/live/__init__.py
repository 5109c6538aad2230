"""What happens now, sent as it happens: one hub, a session for each socket."""

from .hub import Hub
from .session import MOST_SEQ, Session

__all__ = ["MOST_SEQ", "Hub", "Session"]
