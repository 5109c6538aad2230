"""A page in one file, which needs neither a board nor a network."""

from .document import Document, comparison_document, run_document

__all__ = ["Document", "comparison_document", "run_document"]
