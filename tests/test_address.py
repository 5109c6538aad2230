"""An address of this machine."""

from __future__ import annotations

import pytest

from rlmboard.address import is_loopback, listen, url_of
from rlmboard.errors import BadInput


def test_a_port_that_is_taken_is_passed_over() -> None:
    with listen("127.0.0.1", [0]) as first:
        taken = first.getsockname()[1]
        with listen("127.0.0.1", [taken, 0]) as second:
            assert second.getsockname()[1] != taken


def test_a_port_that_was_named_and_is_taken_is_refused() -> None:
    with listen("127.0.0.1", [0]) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"cannot listen on 127.0.0.1 port {port}: Address"):
            listen("127.0.0.1", [port])


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match=host):
        listen(host, [0, 0])


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_who_can_reach_a_host(host: str, is_ours: bool) -> None:
    assert is_loopback(host) is is_ours


def test_an_address_that_can_be_typed() -> None:
    assert url_of("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert url_of("::1", 80) == "http://[::1]:80"
