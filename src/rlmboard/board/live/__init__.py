"""What happens now, sent as it happens: one hub, a session for each socket."""

from .hub import Hub
from .session import Session

__all__ = ["Hub", "Session"]
