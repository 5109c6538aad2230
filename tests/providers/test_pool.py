"""Providers by name, and what is wrong with a providers.toml."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rlmboard.conductor.provider import Bound
from rlmboard.errors import BadInput
from rlmboard.money.prices import read_prices
from rlmboard.providers import (
    ExtractiveProvider,
    FakeProvider,
    OllamaProvider,
    OpenAiProvider,
    PoolMaker,
    read_providers,
)
from rlmboard.testing import ScriptedServer

LAB = """\
default = ["lab", "extractive"]

[lab]
kind = "openai"
base_url = "http://127.0.0.1:8000/v1"
model = "llama-3"
concurrency = 7
input_usd = 0.1
output_usd = 0.3
max_context_chars = 9000
body = { temperature = 0.5 }

[far]
kind = "ollama"
base_url = "http://far.example.org:11434"
model = "qwen"
api_key_env = "FAR_KEY"
max_context_chars = 4000

[practice]
kind = "simulated"
latency_ms = 40
p99_ms = 200.5
failure_rate = 0.1
input_sats = 50
output_sats = 150
"""


def maker(text: str = LAB, **environ: str) -> PoolMaker:
    return PoolMaker(read_providers(text), environ=environ)


def test_without_a_name_the_extractive_provider_answers() -> None:
    (provider,) = PoolMaker().pool()
    assert isinstance(provider, ExtractiveProvider)


def test_the_file_may_name_the_default() -> None:
    assert [provider.name for provider in maker().pool()] == ["lab", "extractive"]


def test_a_listed_provider_is_as_the_file_says() -> None:
    (lab,) = maker().pool(["lab"])
    assert isinstance(lab, OpenAiProvider)
    assert (lab.model, lab.venue, lab.concurrency) == ("llama-3", "local", 7)
    assert lab.bound(1_000_000 - 256, 1_000_000) == Bound(usd_nanos=400_000_000)
    (practice,) = maker().pool(["practice"])
    assert isinstance(practice, FakeProvider)
    assert practice.simulated and practice.venue == "swarm"
    assert practice.bound(1_000_000 - 256, 0) == Bound(msat=50_000)


def test_another_model_of_a_listed_provider_is_another_provider() -> None:
    providers = maker().pool(["lab", "lab:llama-4", "lab"])
    assert [(p.name, p.model) for p in providers] == [
        ("lab", "llama-3"),
        ("lab:llama-4", "llama-4"),
    ]


def test_simulated_is_the_whole_swarm() -> None:
    swarm = PoolMaker(seed=5).pool(["simulated"])
    assert len(swarm) > 3 and all(provider.simulated for provider in swarm)


def test_a_local_ollama_is_known_to_be_free_and_a_far_one_is_not() -> None:
    (near,) = PoolMaker().pool(["ollama:llama3"])
    assert isinstance(near, OllamaProvider)
    assert (near.venue, near.bound(10, 10)) == ("local", Bound(0, 0))
    (far,) = maker(FAR_KEY="k").pool(["far"])
    assert (far.venue, far.bound(10, 10)) == ("datacenter", Bound())


def test_openai_is_priced_by_the_packaged_table_at_its_own_address_only() -> None:
    (own,) = PoolMaker(environ={"OPENAI_API_KEY": "k"}).pool(["openai:gpt-4o-mini"])
    assert own.bound(1_000, 10).usd_nanos is not None
    elsewhere = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    (other,) = PoolMaker(environ=elsewhere).pool(["openai:gpt-4o-mini"])
    assert other.bound(1_000, 10) == Bound()
    prices = read_prices('version = "v"\n[models.gpt-4o-mini]\ninput_usd = 1\noutput_usd = 1\n')
    (mine,) = PoolMaker(prices=prices, environ=elsewhere).pool(["openai:gpt-4o-mini"])
    assert mine.bound(1_000, 10).usd_nanos is not None


def test_a_key_that_is_needed_and_not_set_is_said_by_the_name_of_its_variable() -> None:
    with pytest.raises(BadInput, match="'openai:gpt-4o' needs its key in OPENAI_API_KEY"):
        PoolMaker(environ={"OPENAI_API_KEY": "  "}).pool(["openai:gpt-4o"])
    with pytest.raises(BadInput, match="'far' needs its key in FAR_KEY"):
        maker().pool(["far"])


async def test_the_key_of_openai_is_shown_to_no_other_server(request_for) -> None:
    async with ScriptedServer() as server:
        text = f'[lab]\nkind = "openai"\nmodel = "m"\nbase_url = "{server.url}"\n'
        (lab,) = maker(text, OPENAI_API_KEY="sk-1").pool(["lab"])
        await lab.answer(request_for())
        await lab.aclose()
    assert server.book[0].key is None


def test_the_room_is_that_of_the_smallest() -> None:
    assert maker().room_chars(["lab"]) == 9_000
    assert maker().room_chars(["lab:x", "far", "extractive"]) == 4_000
    assert maker().room_chars() == 9_000
    assert maker().room_chars(["extractive"]) is None


@pytest.mark.parametrize("name", ["nobody", "openai", "openai:", "ollama", "", "simulated:x"])
def test_a_name_that_means_nothing_lists_what_is_known(name: str) -> None:
    with pytest.raises(
        BadInput, match=r"no provider .*; known are extractive, simulated, .*, far, lab"
    ):
        maker().pool([name])


OLLAMA = '[a]\nkind = "ollama"\nmodel = "m"\n'
SIMULATED = '[a]\nkind = "simulated"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a]\nkind = ", r"2: Invalid value"),
        ("[a\nkind = 1", r"1: Expected ']'"),
        ('[a]\nkind = "magic"', r"2: \[a\] kind: expected one of extractive, openai, ollama"),
        ('[a]\nmodel = "m"', r"1: \[a\] its kind is missing"),
        ('[a]\nkind = "ollama"\n\nmodle = "m"', r"4: \[a\] modle: this key is not known"),
        ('[a]\nkind = "ollama"', r"2: \[a\] kind: a provider of kind ollama needs a model"),
        (
            f'[b]\nkind="extractive"\n{OLLAMA}concurrency = "x"',
            r"6: \[a\] concurrency: Expected int",
        ),
        (f"{OLLAMA}concurrency = 0", r"4: \[a\] concurrency: Expected int >= 1"),
        (f"{SIMULATED}failure_rate = 2", r"3: \[a\] failure_rate: Expected float <= 1"),
        (f"{SIMULATED}input_usd = 2", r"3: \[a\] input_usd: a price needs both"),
        (f'{SIMULATED}venue = "moon"', r"3: \[a\] venue: Invalid enum value 'moon'"),
        (f"{SIMULATED}latency_ms = inf", r"3: \[a\] latency_ms: Expected float <= "),
        (f'{OLLAMA}base_url = "lab"', r"4: \[a\] base_url: 'lab' is no address"),
        ("a = 3", r"1: a: expected a table"),
        ('\ndefault = "lab"', r"2: default: expected a list of names"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_line_and_reason(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=f"providers.toml line {said}"):
        read_providers(text)


def test_an_empty_file_lists_nobody() -> None:
    assert read_providers("").entries == {}


def test_whoever_asks_nobody_over_http_does_not_wait_for_aiohttp_to_load() -> None:
    program = "import sys, rlmboard.providers as p; p.PoolMaker().pool(['extractive', 'simulated'])"
    asked = [sys.executable, "-c", f"{program}; print('aiohttp' in sys.modules)"]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"False\n"
