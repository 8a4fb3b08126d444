"""A user of the load."""

import secrets
import threading

import httpx

from tests.harness.http import NO_TLS

ANSWER_SECONDS = 40.0


class Account:
    """One user, signed in again by the first client that notices that the session is gone."""

    def __init__(self, url: str, *, other_url: str = "") -> None:
        self.url = url
        self.other_url = other_url or url
        self.credentials = {"email": f"{secrets.token_hex(8)}@example.com", "password": secrets.token_urlsafe(12)}
        self.token = ""
        self._signing_in = threading.Lock()
        with self.client() as client:
            client.post(f"{url}/v1/users", json=self.credentials).raise_for_status()
            assert self.sign_in(client, instead_of="")

    def client(self) -> httpx.Client:
        return httpx.Client(timeout=ANSWER_SECONDS, verify=NO_TLS)

    def fail_over(self) -> None:
        """Switch to the other URL, as a load balancer does."""
        self.url = self.other_url

    def sign_in(self, client: httpx.Client, *, instead_of: str) -> bool:
        with self._signing_in:
            if self.token != instead_of:
                return True
            answer = client.post(f"{self.url}/v1/sessions", json=self.credentials)
            if answer.is_success:
                self.token = answer.json()["token"]
            return answer.is_success
