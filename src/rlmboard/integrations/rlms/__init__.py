"""Records `rlms`, the recursive language models of alexzhang13/rlm: 0.1.1 to 0.1.3.

`rlm = record(RLM(...))` records what this one completes, `with record(): ...` all that is completed
meanwhile. Each completion is a run; inside a run it is a part of that.
"""

from __future__ import annotations

from .recording import Recording, record

__all__ = ["Recording", "record"]
