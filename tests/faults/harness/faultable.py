"""Servers that a test can break: each a process behind a proxy, to be killed, frozen, wiped and cut off."""

import shutil
import signal
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from urllib.parse import urlsplit

import psutil

from tests.harness.managed_servers import spawn, wait_until_answering
from tests.harness.proxy import Network, Proxy
from tests.harness.server_specs import Plan


class Faultable:
    """One server. Whatever breaks it, `recover` brings it back at the same address."""

    def __init__(self, plan: Plan, answers: Callable[[str], bool], *, stack: ExitStack, network: Network) -> None:
        parts = urlsplit(plan.url)
        self.plan = plan
        self.proxy: Proxy = network.proxy("127.0.0.1", parts.port or 0)
        self._answers = answers
        self._network = network
        self._running = ExitStack()
        stack.callback(self.stop)
        self._undo: Callable[[], None] = _nothing
        self.start()

    @property
    def url(self) -> str:
        """The URL through the proxy."""
        parts = urlsplit(self.plan.url)
        netloc = parts.netloc.rpartition(":")[0] + f":{self.proxy.port}"
        return parts._replace(netloc=netloc).geturl()

    def start(self) -> None:
        self.plan.make_data()
        plan = self.plan
        self._running = ExitStack()
        self._process = spawn(self._running, plan.command, log=plan.log, environment=plan.environment, user=plan.user)
        self._running.callback(self._process.send_signal, plan.stop_signal)
        wait_until_answering(partial(self._answers, plan.url), self._process, log=plan.log)

    def stop(self) -> None:
        """Call it as soon as the process has ended: its id may be reused."""
        self._running.close()

    def inject(self, fault: str) -> None:
        """Inject one of FAULTS, until `recover`."""
        self._undo = getattr(self, f"_{fault}")()

    def recover(self) -> None:
        """Undo the fault, and return when the server answers again."""
        recover, self._undo = self._undo, _nothing
        recover()
        wait_until_answering(partial(self._answers, self.plan.url), self._process, log=self.plan.log)

    def _kill(self) -> Callable[[], None]:
        self._signal(signal.SIGKILL)
        self._process.wait()
        self.stop()
        return self.start

    def _wipe(self) -> Callable[[], None]:
        self._kill()
        shutil.rmtree(self.plan.data)
        return self.start

    def _freeze(self) -> Callable[[], None]:
        self._signal(signal.SIGSTOP)
        return partial(self._signal, signal.SIGCONT)

    def _cut(self) -> Callable[[], None]:
        self._network.call(self.proxy.cut)
        return partial(self._network.call, self.proxy.start)

    def _black_hole(self) -> Callable[[], None]:
        self._network.tell(self.proxy.freeze)
        return partial(self._network.tell, self.proxy.thaw)

    def _signal(self, number: signal.Signals) -> None:
        """Signal children too: PostgreSQL's have their own process groups. The parent first: it starts no more."""
        parent = psutil.Process(self._process.pid)
        family = [parent, *parent.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        if number == signal.SIGKILL:
            psutil.wait_procs(family[1:], timeout=60)


FAULTS = ("kill", "freeze", "cut", "black_hole", "wipe")


def _nothing() -> None:
    pass
