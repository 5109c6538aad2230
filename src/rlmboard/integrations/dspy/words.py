"""What dspy's objects say of themselves, in our words. Total: what is not there is left out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ...address import LOOPBACK
from ...formats.chat import stated_usd, usage_of
from ...trace import Usage
from ..priced import OPENAI_HOST

ASKING_NAMES = ("query", "question", "task", "prompt", "instruction", "instructions", "goal")
SHOWN_CHARS = 400
FENCED = re.compile(r"```(?:python|py|python3|py3)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)


class Answer(NamedTuple):
    """What one attempt brought back. `cost_usd` is the provider's own statement.

    `stated` is usage as the provider wrote it, `tier` that of its service, which prices depend on.
    """

    text: str
    usage: Usage | None
    cost_usd: Decimal | None
    model: str | None
    finish_reason: str | None
    stated: dict[str, Any]
    tier: Any


class Endpoint(NamedTuple):
    """Who is asked, for which model, and where that runs."""

    provider: str | None
    model: str | None
    venue: str | None


def answer_of(result: Any) -> Answer:
    """An answer in dspy's CallResult."""
    stated = _stated_usage(result)
    return Answer(
        text=text_of(getattr(result, "outputs", None)),
        usage=usage_of(getattr(result, "usage", None) or {}) or usage_of(stated),
        cost_usd=stated_usd(stated),
        model=_text(getattr(result, "response_model", None)),
        finish_reason=_finish_reason(result),
        stated=stated,
        tier=_tier(result),
    )


def text_of(outputs: Any) -> str:
    """The text of what an LM call gives: a list of texts, or of dicts that hold one."""
    if isinstance(outputs, str):
        return str(outputs)
    if isinstance(outputs, list | tuple):
        return "\n\n".join([text_of(one) for one in outputs])
    if isinstance(outputs, Mapping):
        return str(outputs.get("text") or outputs.get("tool_calls") or "")
    text = getattr(outputs, "text", outputs)
    return "" if text is None else str(text)


def is_rlm(module: Any) -> bool:
    return any(base.__name__ == "RLM" for base in type(module).__mro__)


def asks_once(module: Any) -> bool:
    """A module that is one question: what it asks stands for it."""
    return type(module).__name__ in ("Predict", "ChainOfThought")


def lm_of(module: Any) -> Any:
    """The language model that a module was given, itself or through its parts."""
    own = getattr(module, "lm", None)
    parts = (getattr(module, name, None) for name in ("generate_action", "predict"))
    return own or next((lm for part in parts if (lm := getattr(part, "lm", None))), None)


def lm_in_force(module: Any) -> Any:
    """The language model that answers for a module: its own, else the one configured."""
    import dspy  # type: ignore[import-not-found]

    return lm_of(module) or dspy.settings.get("lm")


def model_of(lm: Any) -> str | None:
    """The model as its provider is asked for it: `llama-3` of `openai/llama-3`."""
    return _model(_text(getattr(lm, "model", None)))


def _model(name: str | None) -> str | None:
    return name.partition("/")[2] or name if name else None


def endpoint_of(lm: Any) -> Endpoint:
    """Whom a language model asks."""
    return _endpoint(_text(getattr(lm, "model", None)), _base_url(lm))


@lru_cache(maxsize=100)
def _endpoint(name: str | None, base: str | None) -> Endpoint:
    return Endpoint(_provider(name, base), _model(name), _venue(base))


def _provider(name: str | None, base: str | None) -> str | None:
    """The host of a base address, else the provider that the model's name begins with."""
    if base:
        return urlsplit(base).netloc.rpartition("@")[2] or base
    provider, slash, _ = (name or "").partition("/")
    return provider if slash else None


def _venue(base: str | None) -> str | None:
    """`local` for an address of this machine; of others nothing is known."""
    return "local" if base and urlsplit(base).hostname in LOOPBACK else None


def host_of(lm: Any) -> str | None:
    """Whom it asks: by its address, else OpenAI where nothing says otherwise."""
    base = _base_url(lm)
    if base:
        return urlsplit(base).hostname
    elsewhere = os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE")
    return OPENAI_HOST if endpoint_of(lm).provider == "openai" and not elsewhere else None


def query_of(inputs: Mapping[str, Any]) -> str:
    """What is asked: the input that is named so, else all that is short enough to read."""
    for name in ASKING_NAMES:
        if isinstance(asked := inputs.get(name), str):
            return asked
    short = {name: str(value) for name, value in inputs.items() if _is_short(value)}
    return "; ".join(f"{name}: {value}" for name, value in short.items())


def asked(prompt: Any) -> str:
    """What is asked of a model directly: a text, or the last of several messages."""
    last = prompt[-1] if isinstance(prompt, list | tuple) and prompt else prompt
    return str(last.get("content") if isinstance(last, Mapping) else last)


def prompts_of(args: list[Any], given: Mapping[str, Any]) -> list[Any]:
    """The prompts of a batch, however they were handed in."""
    prompts = args[0] if args else given.get("prompts")
    return list(prompts) if isinstance(prompts, list | tuple) else []


def context_of(inputs: Mapping[str, Any], query: str) -> dict[str, Any] | None:
    """The largest input beside the query: its name, type and size in characters."""
    sized = {name: value for name, value in inputs.items() if value != query}
    if not sized:
        return None
    name = max(sized, key=lambda key: len(str(sized[key])))
    value = sized[name]
    return {"name": name, "type": type(value).__name__, "chars": len(str(value))}


def settings_of(module: Any) -> dict[str, Any]:
    """The settings of a module that runs are compared by."""
    said: dict[str, Any] = {
        name: value
        for name in ("max_iters", "max_llm_calls", "max_output_chars")
        if isinstance(value := getattr(module, name, None), int)
    }
    if (sub_model := model_of(getattr(module, "sub_lm", None))) is not None:
        said["sub_model"] = sub_model
    if (signature := signature_of(module)) is not None:
        said["signature"] = signature
    return said


def signature_of(module: Any) -> str | None:
    """`context, query -> answer`."""
    signature = getattr(module, "signature", None)
    try:
        took, gives = signature.input_fields, signature.output_fields  # type: ignore[union-attr]
        return f"{', '.join(took)} -> {', '.join(gives)}"
    except (AttributeError, TypeError):
        return None


def output_of(outputs: Any) -> str | None:
    """The answer in a prediction: its one field, or all of them by name."""
    if outputs is None:
        return None
    try:
        fields = dict(outputs.items())
    except (AttributeError, TypeError, ValueError):
        return str(outputs)
    for name in ("trajectory", "final_reasoning", "reasoning"):
        if len(fields) > 1:
            fields.pop(name, None)
    if len(fields) == 1:
        return str(next(iter(fields.values())))
    return "\n".join(f"{name}: {value}" for name, value in fields.items())


def turn_of(inputs: Mapping[str, Any]) -> tuple[int, int | None] | None:
    """(n, of how many) in the `3/20` that an RLM tells its model; None where it is no turn."""
    n, _, most = str(inputs.get("iteration", "")).partition("/")
    if not n.isdecimal():
        return None
    return int(n), int(most) if most.isdecimal() else None


def last_trajectory_output(outputs: Any) -> str:
    """What the last code printed, in the trajectory that an RLM gives with its answer."""
    trajectory = getattr(outputs, "trajectory", None)
    last = trajectory[-1] if trajectory and isinstance(trajectory, list) else None
    return str(last.get("output", "")) if isinstance(last, Mapping) else ""


def without_fences(code: str) -> str:
    """The code of an action without the marks of Markdown around it."""
    found = FENCED.search(code)
    return (found[1] if found else code).strip()


def printed(outputs: Any) -> str:
    """What code printed, or what it submitted as the answer."""
    if outputs is None:
        return ""
    if type(outputs).__name__ == "FinalOutput":
        return f"SUBMIT({getattr(outputs, 'output', '')})"
    return "\n".join(map(str, outputs)) if isinstance(outputs, list) else str(outputs)


def is_timeout(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or "Timeout" in type(error).__name__


def last_output_of(history: Any) -> str:
    """What the code before this turn printed, as its model is shown it."""
    entries = getattr(history, "entries", None) or []
    return str(getattr(entries[-1], "output", "")) if entries else ""


def _stated_usage(result: Any) -> dict[str, Any]:
    """Usage as the provider wrote it, wherever dspy keeps it."""
    raw = getattr(result, "raw", None)
    data = getattr(raw, "provider_data", None)
    stated = data.get("usage") if isinstance(data, dict) else getattr(raw, "usage", None)
    if isinstance(stated, dict):
        return stated
    if stated is not None and hasattr(stated, "model_dump"):
        stated = stated.model_dump()
    return dict(stated) if isinstance(stated, Mapping) else {}


def _finish_reason(result: Any) -> str | None:
    raw = getattr(result, "raw", None)
    reason = getattr(raw, "finish_reason", None)
    choices = getattr(raw, "choices", None)
    if reason is None and choices:
        reason = getattr(choices[0], "finish_reason", None)
    return _text(reason)


def _tier(result: Any) -> Any:
    raw = getattr(result, "raw", None)
    data = getattr(raw, "provider_data", None)
    return data.get("service_tier") if isinstance(data, dict) else None


def _base_url(lm: Any) -> str | None:
    settings = getattr(lm, "kwargs", None) or {}
    return _text(settings.get("api_base") or settings.get("base_url"))


def _is_short(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(str(value)) <= SHOWN_CHARS


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
