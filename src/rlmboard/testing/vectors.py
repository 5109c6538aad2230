"""What a scripted server makes of a text that is to be embedded."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import Any


def vector(text: Any) -> list[float]:
    """Eight numbers that only this text has."""
    digest = hashlib.sha256(str(text).encode(errors="replace")).digest()[:8]
    return [byte / 255 for byte in digest]


def packed(numbers: list[float]) -> str:
    """As OpenAI packs them: floats of 32 bits, in base64."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
