"""What is read and cited: documents, git, and SpanRefs made and checked."""

from .fragment import Fragment, Passage

__all__ = ["Fragment", "Passage"]
