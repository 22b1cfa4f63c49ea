from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rlm_tui import discovery
from rlm_tui.discovery import KEYS, Found, find_model
from rlm_tui.engine.prices import price_of


@contextlib.contextmanager
def listening(handler):
    """A server on 127.0.0.1; its port."""
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def answering(body, asked=None):
    """A handler that answers everything with the same body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if asked is not None:
                asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture
def servers(monkeypatch):
    """Says on which ports local servers are looked for."""
    return lambda *found: monkeypatch.setattr(discovery, "SERVERS", found)


@pytest.fixture(autouse=True)
def no_servers(servers):
    servers()


def models(*names):
    return json.dumps({"object": "list", "data": [{"id": name} for name in names]}).encode()


def test_without_keys_and_servers_nothing_is_found():
    assert find_model({"HOME": "/root"}) is None


@pytest.mark.parametrize(("variable", "model"), KEYS, ids=[variable for variable, _ in KEYS])
def test_a_key_of_a_provider_chooses_its_model(variable, model):
    assert find_model({variable: "sk-1"}) == Found(model, None, variable)


@pytest.mark.parametrize("model", [model for _, model in KEYS])
def test_the_models_that_are_chosen_are_in_the_table_of_litellm_with_a_price(model):
    price = price_of(model)
    assert price is not None
    assert price.input_cost_per_token


def test_of_several_keys_the_first_of_the_list_counts():
    environ = {variable: "sk-1" for variable, _ in reversed(KEYS)}
    assert find_model(environ).origin == KEYS[0][0]


@pytest.mark.parametrize("empty", ["", " ", "\n"], ids=repr)
def test_an_empty_key_is_none(empty):
    assert find_model({variable: empty for variable, _ in KEYS}) is None


def test_the_first_model_of_a_local_server_is_used_with_its_address(servers):
    asked = []
    with listening(answering(models("qwen3:8b", "other"), asked)) as port:
        servers(("Ollama", port))
        found = find_model({})
    base = f"http://127.0.0.1:{port}"
    assert found == Found("openai/qwen3:8b", f"{base}/v1", f"Ollama at 127.0.0.1:{port}")
    assert asked == ["/v1/models"]


def test_no_server_is_asked_where_there_is_a_key(servers):
    asked = []
    with listening(answering(models("qwen3:8b"), asked)) as port:
        servers(("Ollama", port))
        assert find_model({"GROQ_API_KEY": "gsk"}).origin == "GROQ_API_KEY"
    assert asked == []


def test_a_port_on_which_nothing_listens_is_passed_over(servers):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        closed = sock.getsockname()[1]
        with listening(answering(models("m"))) as port:
            servers(("Ollama", closed), ("vLLM", port))
            assert find_model({}).origin == f"vLLM at 127.0.0.1:{port}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>It works!</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"data": []}',
        b'{"data": {}}',
        b'{"data": "qwen"}',
        b'{"data": [{}]}',
        b'{"data": [null]}',
        b'{"data": [{"id": 7}]}',
        b'{"data": [{"id": ""}]}',
        b"[" * 200_000,
        b"\xff\xfe\x00",
        b" " * (discovery._LONGEST + 10) + b"{}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_another_kind_of_server_is_no_model(servers, body):
    with listening(answering(body)) as port:
        servers(("Ollama", port))
        assert find_model({}) is None


class Rude(socketserver.BaseRequestHandler):
    """Speaks something else than HTTP."""

    def handle(self):
        self.request.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


class Mute(socketserver.BaseRequestHandler):
    """Takes the connection and says nothing until the other side leaves."""

    def handle(self):
        while self.request.recv(1 << 16):
            pass


@pytest.mark.parametrize("handler", [Rude, Mute])
def test_a_server_that_speaks_no_http_is_no_model(servers, handler):
    with listening(handler) as port:
        servers(("LM Studio", port))
        assert find_model({}) is None
