"""The socket of what happens now."""

from __future__ import annotations

from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect, WebSocketException

from ..live import Session


@websocket("/api/rlm/live")
async def live(socket: WebSocket[Any, Any, Any]) -> None:
    """Lines of runs, and rows of the list, as they come; see `Session`."""
    await socket.accept()

    async def send(text: str) -> None:
        await socket.send({"type": "websocket.send", "text": text, "bytes": None})

    session = Session(socket.app.state.hub, send)
    try:
        while True:
            await session.hear(await socket.receive_data(mode="text"))
    except (WebSocketDisconnect, WebSocketException, OSError):
        pass  # the client has gone
    finally:
        await session.close()


ROUTES = (live,)
