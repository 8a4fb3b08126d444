"""The load: clients that submit mixed tasks until each one is accepted, and a poller."""

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from tests.faults.harness.account import ANSWER_SECONDS, Account
from tests.faults.harness.output_check import check_output
from tests.faults.harness.workload import Submission
from tests.harness.client import Json
from tests.harness.http import NO_TLS

_CLIENTS = 4
_PAUSE_SECONDS = 0.2
_POLLS_A_SECOND = 20
_LATE_SECONDS = 3.0  # a store that has just come up may not know its own objects yet


@dataclass
class Seen:
    """What the clients observed."""

    accepted: dict[str, Submission] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    partial_outputs: list[str] = field(default_factory=list)
    polls: int = 0


class Load:
    """Starts at once; `finish` waits until everything was accepted."""

    def __init__(self, account: Account, submissions: Sequence[Submission]) -> None:
        self.account = account
        self.seen = Seen()
        self._waiting: SimpleQueue[tuple[str, Submission]] = SimpleQueue()
        for submission in submissions:
            self._waiting.put((secrets.token_hex(16), submission))
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
            thread.join(2 * ANSWER_SECONDS)
        if self._failures:
            raise self._failures[0]

    def task(self, task_id: str) -> Json | None:
        """Return the task as its owner sees it, with the status `deleted` if it is gone; None without an answer."""
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
                    key, submission = self._waiting.get_nowait()
                except Empty:
                    return
                self._submit(client, key, submission)

    def _submit(self, client: httpx.Client, key: str, submission: Submission) -> None:
        image_id = self._upload(client, submission) if submission.upload_first else None
        headers = {"Idempotency-Key": key}
        if image_id:
            body: Json = {"json": {"image_id": image_id, "pipeline": list(submission.pipeline)}}
        else:
            fields = {"pipeline": json.dumps(submission.pipeline)}
            body = {"data": fields, "files": {"image": ("picture", submission.image)}}
        task = self._insist(client, "POST", "/v1/tasks", headers=headers, **body)
        if task is None:
            return
        self.seen.accepted[task["task_id"]] = submission
        if submission.then == "cancel":
            self._insist(client, "POST", f"/v1/tasks/{task['task_id']}/cancel")
        if submission.then == "delete":
            self.seen.deleted.add(task["task_id"])
            self._insist(client, "DELETE", f"/v1/tasks/{task['task_id']}")

    def _upload(self, client: httpx.Client, submission: Submission) -> str | None:
        image = self._insist(client, "POST", "/v1/images", files={"image": ("picture", submission.image)})
        return str(image["image_id"]) if image else None

    def _insist(self, client: httpx.Client, method: str, path: str, **request: Any) -> Json | None:  # noqa: ANN401
        """The answer, once it is neither a temporary rejection nor lost."""
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
            self.account.fail_over()
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
            self.account.fail_over()

    def _poll(self) -> None:
        with self.account.client() as client, httpx.Client(timeout=ANSWER_SECONDS, verify=NO_TLS) as anybody:
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
        if (wrong := check_output(output, anybody)) and task_id not in self.seen.deleted:
            time.sleep(_LATE_SECONDS)
            if wrong := check_output(output, anybody):
                self.seen.partial_outputs.append(f"{task_id}: {wrong}")


@contextmanager
def loading(url: str, submissions: Sequence[Submission], *, other_url: str = "") -> Iterator[Load]:
    """`other_url`: used once the first one does not respond."""
    load = Load(Account(url, other_url=other_url), submissions)
    load.start()
    try:
        yield load
    finally:
        load.stop()
