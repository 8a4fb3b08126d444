"""Who goes next. Carries ids and keys; losing all of it loses no task. The only package that knows AMQP."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

from broker.amqp import connect_amqp
from broker.in_process import connect_in_process
from broker.interface import Broker, Delivery, Subscription
from core.errors import ConfigurationError

__all__ = ["Broker", "Delivery", "Subscription", "connect"]

_SCHEMES: dict[str, Callable[[str, str], AbstractAsyncContextManager[Broker]]] = {
    "memory": connect_in_process,
    "amqp": connect_amqp,
    "amqps": connect_amqp,
}


def connect(url: str, *, queue: str) -> AbstractAsyncContextManager[Broker]:
    """Choose the broker by the URL's scheme. Entering never waits for a server: it may come up later."""
    try:
        parts = urlsplit(url)
        connect_broker = _SCHEMES[parts.scheme]
        _ = parts.port  # a property that rejects what is not a number
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            "DARKROOM_BROKER_URL must be memory: or amqp(s)://user:password@host:port/."
        ) from error
    return connect_broker(url, queue)
