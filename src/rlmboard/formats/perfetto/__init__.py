"""A run as Chrome trace JSON (Trace Event Format), which ui.perfetto.dev opens. Pure."""

from .events import trace_events, trace_json

__all__ = ["trace_events", "trace_json"]
