"""What both transports begin with."""

from darkroom.client.transport.connection import check_url
from darkroom.credentials import Login, find_login

RETRY_SECONDS = 30.0


class Transport:
    def __init__(
        self, url: str | None = None, token: str | None = None, *, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        """Without arguments: DARKROOM_URL and DARKROOM_TOKEN, or what `darkroom login` has stored.

        `retry_seconds` is how long a call is repeated while the service is away or busy.
        """
        self.login = find_login(url, token)
        self.retry_seconds = retry_seconds
        check_url(self.login.url)
        self._open()

    def _open(self) -> None:
        raise NotImplementedError

    def _use_session(self, token: str, email: str) -> None:
        self.login = Login(url=self.login.url, token=token, email=email)
