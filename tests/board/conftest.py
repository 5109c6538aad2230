"""A real board on loopback, over a home with a few runs."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

import rlmboard
from rlmboard.address import listen
from rlmboard.board import app
from rlmboard.board.serving import Server, config_of
from rlmboard.store import Store
from rlmboard.trace import (
    Failure,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    Usage,
)


class Served:
    """A board that answers. `http` is a client on it, `token` what its page has."""

    def __init__(self, store: Store, port: int, base_path: str) -> None:
        self.store = store
        self.port = port
        self.base = base_path
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}{base_path}", timeout=30)
        found = re.search('name="rlmboard-token" content="([^"]+)"', self.http.get("rlm").text)
        self.token = found[1] if found else ""

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer that must be good."""
        answer = self.http.get(f"api/rlm/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def problem(self, path: str, **params: Any) -> Any:
        """The problem that a question leads to."""
        answer = self.http.get(f"api/rlm/{path}", params=params)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.status_code == answer.json()["status"]
        return answer.json()

    def act(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """An action, with the token of the page."""
        headers = {"X-Rlmboard-Token": self.token}
        return self.http.request(method, f"api/rlm/{path}", json=body, headers=headers)

    def socket(self, **options: Any) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{self.base}/api/rlm/live", **options)


Serve = Callable[..., Served]


@contextmanager
def serving(home: Path, static: Path, **options: Any) -> Iterator[Served]:
    store = Store(home)
    made = app(store, static=static, **options)
    answers = threading.Event()
    server = Server(config_of(made), answers.set)
    listening = listen("127.0.0.1", [0])
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    assert answers.wait(20)
    served = Served(store, listening.getsockname()[1], options.get("base_path", ""))
    try:
        yield served
    finally:
        served.http.close()
        server.should_exit = True
        thread.join(20)
        listening.close()
        store.close()


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built page, as small as one can be."""
    folder = tmp_path_factory.mktemp("static")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(
        "<!doctype html><html><head></head><body>board</body></html>"
    )
    (folder / "assets" / "index-3f2a.js").write_text("export const board = 1;\n" * 100)
    return folder


@pytest.fixture
def serve(static: Path) -> Iterator[Serve]:
    """Serves a home until the end of the test."""
    with ExitStack() as stack:
        yield lambda home, **options: stack.enter_context(serving(home, static, **options))


@pytest.fixture(scope="session")
def serve_long(static: Path) -> Iterator[Serve]:
    """Serves a home until the end of all tests: for those that must not change it."""
    with ExitStack() as stack:
        yield lambda home, **options: stack.enter_context(serving(home, static, **options))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five runs of an experiment, the last with all kinds of answers; nobody changes them."""
    home = tmp_path_factory.mktemp("home")
    for number in range(4):
        config = {"method": "rlm" if number % 2 else "base", "chunk_size": 256 * (number + 1)}
        with rlmboard.init(
            f"What is {number}?", home=home, id=f"run-{number}", config=config, experiment="demo"
        ) as run:
            ask(run, "q-0", cost_msat=1_000 * number)
            run.log({"accuracy": 0.5 + number / 10})
            run.output = f"It is {number}."
    with rlmboard.init("What failed?", home=home, id="run-4", experiment="demo") as run:
        for number in range(30):
            ask(run, f"q-{number}", fails=number % 7 == 3, cost_msat=None if number == 5 else 100)
        run.emit(SubQuerySubmit(query_id="late", prompt_preview="too late", role="verifier"))
        run.emit(SubQueryExecute(query_id="late", provider_id="slow", venue="swarm"))
        run.emit(SubQueryTimeout(query_id="late", elapsed_ms=900.0))
    return home


@pytest.fixture(scope="session")
def board(home: Path, static: Path) -> Iterator[Served]:
    """The board over those runs: to be looked at only."""
    with serving(home, static) as served:
        yield served


def ask(run: rlmboard.Run, query_id: str, fails: bool = False, cost_msat: int | None = 1) -> None:
    """A sub-query, asked of one of three providers and answered at once."""
    provider = f"provider-{sum(query_id.encode()) % 3}"
    run.emit(SubQuerySubmit(query_id=query_id, prompt_preview=f"ask {query_id}", role="extractor"))
    run.emit(
        SubQueryExecute(query_id=query_id, provider_id=provider, venue="local", model_id="m-1")
    )
    error = Failure(type="RateLimited", message="429, retry after 2 s") if fails else None
    run.emit(
        SubQueryReturn(
            query_id=query_id, success=not fails, result_preview=f"answer to {query_id}",
            usage=Usage(input=10, output=3), cost_msat=cost_msat, error=error,
        )
    )  # fmt: skip


@pytest.fixture
def asks() -> Callable[..., None]:
    return ask
