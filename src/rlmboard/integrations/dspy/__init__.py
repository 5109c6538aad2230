"""`dspy.RLM` and any other module of dspy, recorded live: `dspy.configure(callbacks=[Recorder()])`.

Made for dspy 3.4, which a recorder imports when it is made.
"""

from __future__ import annotations

from .recorder import Recorder

__all__ = ["Recorder"]
