"""The port, and what is said when it cannot be had."""

import socket

import pytest

from api.server.uvicorn_server import listen, url_of
from core.errors import ConfigurationError


def test_a_free_port() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as used, pytest.raises(ConfigurationError, match="is in use"):
        listen("127.0.0.1", used.getsockname()[1])


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_a_host_that_is_not_here(host: str) -> None:
    with pytest.raises(ConfigurationError, match="DARKROOM_HOST"):
        listen(host, 0)


def test_ipv6_is_bracketed() -> None:
    try:
        listener = listen("::1", 0)
    except ConfigurationError:
        pytest.skip("there is no IPv6 here")
    with listener:
        assert url_of(listener).startswith("http://[::1]:")
