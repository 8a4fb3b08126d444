"""The load T: clients that submit mixed tasks, whatever they are answered, until each has its 202; and a poller."""

import io
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from PIL import Image

from tests.faults.workload import Order
from tests.harness.client import Json

_CLIENTS = 4
_PAUSE_SECONDS = 0.2
_POLLS_A_SECOND = 20
_ANSWER_SECONDS = 40.0
_LATE_SECONDS = 3.0  # a store that has just come up may not know its own objects yet


class Account:
    """One user, signed in by whichever client notices that the session is gone."""

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
        return httpx.Client(timeout=_ANSWER_SECONDS)

    def turn_away(self) -> None:
        """As a load balancer does from an API that is gone."""
        self.url = self.other_url

    def sign_in(self, client: httpx.Client, *, instead_of: str) -> bool:
        with self._signing_in:
            if self.token != instead_of:
                return True
            answer = client.post(f"{self.url}/v1/sessions", json=self.credentials)
            if answer.is_success:
                self.token = answer.json()["token"]
            return answer.is_success


@dataclass
class Seen:
    """What the clients were told."""

    accepted: dict[str, Order] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    half_outputs: list[str] = field(default_factory=list)
    polls: int = 0


class Load:
    """Starts at once; `finish` waits until everything was accepted."""

    def __init__(self, account: Account, orders: Sequence[Order]) -> None:
        self.account = account
        self.seen = Seen()
        self._waiting: SimpleQueue[tuple[str, Order]] = SimpleQueue()
        for order in orders:
            self._waiting.put((secrets.token_hex(16), order))
        self._stopping = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._guarded, args=(self._submit_all,)) for _ in range(_CLIENTS)]
        self._poller = threading.Thread(target=self._guarded, args=(self._poll,))

    def start(self) -> None:
        for thread in (*self._threads, self._poller):
            thread.start()

    @property
    def finished(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def finish(self, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        assert self.finished, f"not everything was accepted within {seconds:.0f} s: {self.seen.answers}"
        if self._failures:
            raise self._failures[0]

    def stop(self) -> None:
        self._stopping.set()
        for thread in (*self._threads, self._poller):
            thread.join(2 * _ANSWER_SECONDS)
        if self._failures:
            raise self._failures[0]

    def task(self, task_id: str) -> Json | None:
        """As its owner sees it now; one that was deleted has that for a status; None when there is no answer."""
        with self.account.client() as client:
            answer = self._ask(client, "GET", f"/v1/tasks/{task_id}")
        if answer is not None and answer.status_code == httpx.codes.NOT_FOUND:
            return {"status": "deleted"}
        return dict(answer.json()) if answer is not None and answer.is_success else None

    def _guarded(self, work: Any) -> None:  # noqa: ANN401 - a method of ours
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised by whoever waits
            self._failures.append(error)

    def _submit_all(self) -> None:
        with self.account.client() as client:
            while not self._stopping.is_set():
                try:
                    key, order = self._waiting.get_nowait()
                except Empty:
                    return
                self._submit(client, key, order)

    def _submit(self, client: httpx.Client, key: str, order: Order) -> None:
        image_id = self._upload(client, order) if order.upload_first else None
        headers = {"Idempotency-Key": key}
        if image_id:
            body: Json = {"json": {"image_id": image_id, "pipeline": list(order.pipeline)}}
        else:
            fields = {"pipeline": json.dumps(order.pipeline)}
            body = {"data": fields, "files": {"image": ("picture", order.image)}}
        task = self._insist(client, "POST", "/v1/tasks", headers=headers, **body)
        if task is None:
            return
        self.seen.accepted[task["task_id"]] = order
        if order.then == "cancel":
            self._insist(client, "POST", f"/v1/tasks/{task['task_id']}/cancel")
        if order.then == "delete":
            self.seen.deleted.add(task["task_id"])
            self._insist(client, "DELETE", f"/v1/tasks/{task['task_id']}")

    def _upload(self, client: httpx.Client, order: Order) -> str | None:
        image = self._insist(client, "POST", "/v1/images", files={"image": ("picture", order.image)})
        return str(image["image_id"]) if image else None

    def _insist(self, client: httpx.Client, method: str, path: str, **request: Any) -> Json | None:  # noqa: ANN401
        """The answer, once it is neither a refusal for the moment nor lost."""
        while not self._stopping.is_set():
            answer = self._ask(client, method, path, **request)
            if answer is not None and (answer.is_success or (method == "DELETE" and answer.status_code == 404)):
                found: Json = answer.json() if answer.content and answer.is_success else {}
                return found
            time.sleep(_PAUSE_SECONDS)
        return None

    def _ask(self, client: httpx.Client, method: str, path: str, **request: Any) -> httpx.Response | None:  # noqa: ANN401
        token, started = self.account.token, time.monotonic()
        request["headers"] = {**request.get("headers", {}), "Authorization": f"Bearer {token}"}
        try:
            answer = client.request(method, f"{self.account.url}{path}", **request)
        except httpx.TransportError:
            self.account.turn_away()
            return None
        self.seen.slowest_seconds = max(self.seen.slowest_seconds, time.monotonic() - started)
        self.seen.answers[answer.status_code] += 1
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._sign_in(client, token)
        elif answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            assert 0 <= int(answer.headers["Retry-After"]) <= 5, "503 without an honest Retry-After"
        return answer

    def _sign_in(self, client: httpx.Client, token: str) -> None:
        try:
            self.account.sign_in(client, instead_of=token)
        except httpx.TransportError:
            self.account.turn_away()

    def _poll(self) -> None:
        with self.account.client() as client, httpx.Client(timeout=_ANSWER_SECONDS) as anybody:
            next_at = time.monotonic()
            while not self._stopping.wait(max(0.0, next_at - time.monotonic())):
                next_at = max(next_at + 1 / _POLLS_A_SECOND, time.monotonic())
                known = list(self.seen.accepted)
                if known:
                    self._look(client, anybody, secrets.choice(known))

    def _look(self, client: httpx.Client, anybody: httpx.Client, task_id: str) -> None:
        answer = self._ask(client, "GET", f"/v1/tasks/{task_id}")
        output = answer.json().get("output") if answer is not None and answer.is_success else None
        if output is None:
            return
        self.seen.polls += 1
        if (wrong := what_is_wrong(output, anybody)) and task_id not in self.seen.deleted:
            time.sleep(_LATE_SECONDS)
            if wrong := what_is_wrong(output, anybody):
                self.seen.half_outputs.append(f"{task_id}: {wrong}")


def what_is_wrong(output: Json, anybody: httpx.Client) -> str:
    """Nothing, if the link leads to the whole picture; and nothing can be said of a store that is away."""
    try:
        answer = anybody.get(output["url"])
    except httpx.TransportError:
        return ""
    if answer.is_server_error:
        return ""
    if not answer.is_success:
        return f"status {answer.status_code}"
    if len(answer.content) != output["bytes"] or sha256(answer.content).hexdigest() != output["sha256"]:
        return f"{len(answer.content)} bytes instead of {output['bytes']}"
    with Image.open(io.BytesIO(answer.content)) as image:
        image.load()
        return "" if image.size == (output["width"], output["height"]) else f"{image.size} pixels"


@contextmanager
def loading(url: str, orders: Sequence[Order], *, other_url: str = "") -> Iterator[Load]:
    """`other_url`: where to turn when the first one does not answer any more."""
    load = Load(Account(url, other_url=other_url), orders)
    load.start()
    try:
        yield load
    finally:
        load.stop()
