"""The page, and what stands behind it: it only looks."""

from .app import app
from .scope import EVERYTHING, Everything, Scope
from .serving import serve

__all__ = ["EVERYTHING", "Everything", "Scope", "app", "serve"]
