"""OpenTelemetry: spans of language models, in the conventions that there are, and back. Pure.

Bytes of a request become spans (`decode_protobuf`, `decode_json`), a span becomes what it says in
our words (`said_by`), and that becomes events of a run (`events_of`).
"""

from .attributes import count, parsed
from .facts import FACTS, FindText, citations_in
from .from_run import span_id_of, spans_of_run, trace_id_of
from .kinds import Kind
from .messages import question_of
from .said import Said, said_by, session_of
from .span import BadRequest, Request, Span, SpanEvent
from .telling import At, Place, events_of, key_of, together

__all__ = [
    "FACTS",
    "At",
    "BadRequest",
    "FindText",
    "Kind",
    "Place",
    "Request",
    "Said",
    "Span",
    "SpanEvent",
    "citations_in",
    "count",
    "events_of",
    "key_of",
    "parsed",
    "question_of",
    "said_by",
    "session_of",
    "span_id_of",
    "spans_of_run",
    "together",
    "trace_id_of",
]
