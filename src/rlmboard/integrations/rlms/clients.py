"""The clients of rlms, wrapped one by one: each completion is a sub-query, request by request."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

from .asking import Asking, asking_here

LINK = "X-Rlmboard-Run"
Begin: TypeAlias = Callable[[Any, Any, str | None, bool], Asking | None]
"""Of a client, what it is asked, the model where one is named, and whether with others at once."""


def wrap(client: Any, begin: Begin) -> None:
    """Make every completion of this client a sub-query. The client is changed, not its class."""
    if "_rlmboard" in vars(client):
        return
    client._rlmboard = True
    client.completion = _completion(client, client.completion, begin)
    client.acompletion = _acompletion(client, client.acompletion, begin)
    if track := getattr(client, "_track_cost", None):
        client._track_cost = _tracking(track)
    sdk, asynchronous = getattr(client, "client", None), getattr(client, "async_client", None)
    for place in _SENDERS:
        _listen(sdk, place, _on_request, _on_response)
    for place in _ASYNC_SENDERS:
        _listen(asynchronous or sdk, place, _on_async_request, _on_async_response)


def _completion(client: Any, original: Any, begin: Begin) -> Any:
    @functools.wraps(original)
    def completion(prompt: Any, *args: Any, **kwargs: Any) -> Any:
        asking = begin(client, prompt, _model(args, kwargs), False)
        token = asking_here.set(asking)
        try:
            answer = original(prompt, *args, **kwargs)
        except BaseException as error:
            _end(asking, Asking.failed, error)
            raise
        finally:
            asking_here.reset(token)
        _end(asking, Asking.returned, answer)
        return answer

    return completion


def _acompletion(client: Any, original: Any, begin: Begin) -> Any:
    @functools.wraps(original)
    async def acompletion(prompt: Any, *args: Any, **kwargs: Any) -> Any:
        asking = begin(client, prompt, _model(args, kwargs), True)
        token = asking_here.set(asking)
        try:
            answer = await original(prompt, *args, **kwargs)
        except BaseException as error:
            _end(asking, Asking.failed, error)
            raise
        finally:
            asking_here.reset(token)
        _end(asking, Asking.returned, answer)
        return answer

    return acompletion


def _tracking(original: Any) -> Any:
    """Where the client counts its tokens it has the whole response, and calls run one by one."""

    @functools.wraps(original)
    def track(response: Any, *args: Any, **kwargs: Any) -> Any:
        _end(asking_here.get(), Asking.hears, response)
        return original(response, *args, **kwargs)

    return track


def _model(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    model = kwargs.get("model", args[0] if args else None)
    return model if isinstance(model, str) else None


def _end(asking: Asking | None, told: Callable[..., None], *what: Any) -> None:
    """Tell it; what goes wrong in telling is a loss of the recording alone."""
    if asking is not None:
        with asking.run.counting(Exception):
            told(asking, *what)


# ------------------------------------------------------------------ requests


_SENDERS = ("_client", "openai_client._client", "_api_client._httpx_client")
"""Where SDKs keep what they send by: those of OpenAI and Anthropic, Portkey, Gemini."""
_ASYNC_SENDERS = ("_client", "openai_client._client", "_api_client._async_httpx_client")


def _listen(sdk: Any, place: str, on_request: Any, on_response: Any) -> None:
    """Hear of each request of an SDK that sends by httpx, its own retries included."""
    sender = sdk
    for name in place.split("."):
        sender = getattr(sender, name, None)
    if inspect.iscoroutinefunction(on_request) is not _is_asynchronous(sender):
        return
    hooks = getattr(sender, "event_hooks", None)
    if isinstance(hooks, dict) and on_request not in hooks.get("request", ()):
        hooks.setdefault("request", []).append(on_request)
        hooks.setdefault("response", []).append(on_response)


def _is_asynchronous(sender: Any) -> bool:
    return inspect.iscoroutinefunction(getattr(sender, "send", None))


def _on_request(request: Any) -> None:
    asking = asking_here.get()
    if asking is not None:
        request.headers[LINK] = asking.link
        _end(asking, Asking.sends)


def _on_response(response: Any) -> None:
    asking = asking_here.get()
    if asking is None or not _is_news(asking, response.status_code):
        return
    try:
        body = response.read()
    except Exception:  # the SDK will find the same
        body = b""
    _end(asking, Asking.is_refused, response.status_code, body)


async def _on_async_request(request: Any) -> None:
    _on_request(request)


async def _on_async_response(response: Any) -> None:
    asking = asking_here.get()
    if asking is None or not _is_news(asking, response.status_code):
        return
    try:
        body = await response.aread()
    except Exception:  # the SDK will find the same
        body = b""
    _end(asking, Asking.is_refused, response.status_code, body)


def _is_news(asking: Asking, status: int) -> bool:
    """Whether it is a refusal; a good answer is told of when it has been read."""
    if 300 <= status < 400:
        asking.is_sent_on()
    return status >= 400
