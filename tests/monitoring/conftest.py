"""A working service under a small load, and a real Prometheus that scrapes it and evaluates our rules."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.harness.client import Client
from tests.harness.deployment import ROOT, Deployment, wait_for
from tests.harness.deployments import on_servers
from tests.harness.http import NO_TLS
from tests.harness.managed_servers import spawn, wait_until_answering
from tests.harness.ports import free_port
from tests.harness.programs import require_program
from tests.harness.server_specs import own_directory
from tests.monitoring.queries import EXPORTERS, RULES

_FAST = {"scrape_interval": "1s", "evaluation_interval": "1s"}
_PIPELINES: tuple[list[dict[str, Any]], ...] = (
    [{"filter": "resize", "width": 200}, {"filter": "sepia"}],
    [{"filter": "blur", "sigma": 2}],
    [{"filter": "crop", "left": 4000, "top": 4000, "width": 10, "height": 10}],  # outside of every picture: fails
)


@pytest.fixture(scope="session")
def promtool() -> str:
    """Debian's package `prometheus` brings both programs."""
    require_program("prometheus", package="prometheus")
    return require_program("promtool", package="prometheus")


class Prometheus:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The samples of an instant query, without those that are no number."""
        answer = self._ask("query", query=expr)
        samples: list[dict[str, Any]] = answer["data"]["result"]
        return [sample for sample in samples if sample["value"][1] != "NaN"]

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self._ask("rules")["data"]["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        active: list[dict[str, Any]] = self._ask("targets")["data"]["activeTargets"]
        return active

    def _ask(self, what: str, **parameters: str) -> Any:  # noqa: ANN401 - as it comes from JSON
        answer = self._http.get(f"/api/v1/{what}", params=parameters)
        assert answer.status_code == HTTPStatus.OK, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with on_servers(request, tmp_path_factory.mktemp("monitored"), DARKROOM_SWEEP_INTERVAL_SECONDS="1") as running:
        running.start_api()
        running.start_worker()
        yield running


@pytest.fixture(scope="module")
def load(deployment: Deployment) -> Iterator[None]:
    """A user who uploads images, looks at them and makes errors, as long as the tests run."""
    stopping = threading.Event()
    picture = (ROOT / "examples/pictures/coffee.jpg").read_bytes()

    def work() -> None:
        with Client(deployment.url) as somebody:
            somebody.http.post("/v1/delivery-keys").raise_for_status()
            while not stopping.wait(0.2):
                for pipeline in _PIPELINES:
                    task = somebody.submit(picture, pipeline)
                    somebody.http.get(f"/v1/images/{task['image_id']}/thumbnail")
                    url = somebody.http.post("/v1/delivery-urls", json={"image_id": task["image_id"]}).json()["url"]
                    for each in (url, url, f"{url}.changed"):
                        httpx.get(each, timeout=60, verify=NO_TLS)
                httpx.get(f"{deployment.url}/v1/tasks", timeout=10, verify=NO_TLS)  # without a token

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopping.set()
    thread.join()


@pytest.fixture(scope="module")
def prometheus(promtool: str, deployment: Deployment, load: None) -> Iterator[Prometheus]:
    """Scrapes every second; the rules are ours, evaluated as often."""
    del promtool, load
    with ExitStack() as stack:
        directory, port = own_directory(stack), free_port()
        config = directory / "prometheus.yml"
        config.write_text(yaml.safe_dump(_config(directory, _targets(stack, deployment))))
        switches = [f"--config.file={config}", f"--storage.tsdb.path={directory}/data"]
        program = str(shutil.which("prometheus"))
        process = spawn(stack, [program, *switches, f"--web.listen-address=127.0.0.1:{port}"], log=directory / "log")
        url = f"http://127.0.0.1:{port}"
        wait_until_answering(partial(_is_ready, url), process, log=directory / "log")
        running = Prometheus(stack.enter_context(httpx.Client(base_url=url, timeout=10, verify=NO_TLS)))
        wait_for(lambda: running.query("darkroom_tasks_finished_total"), what="the first finished task")
        yield running


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=2, verify=NO_TLS).status_code == HTTPStatus.OK
    except httpx.TransportError:
        return False


def _config(directory: Path, targets: Mapping[str, str]) -> dict[str, Any]:
    """Our configuration, with other addresses and short intervals."""
    config = yaml.safe_load((ROOT / "infra/monitoring/prometheus.yml").read_text())
    jobs = [each["job_name"] for each in config["scrape_configs"]]
    scraped = [
        {
            "job_name": job,
            "static_configs": [{"targets": [targets[job]]}],
            "metrics_path": "/metrics" if job in {"api", "worker"} else f"/{job}.prom",
        }
        for job in jobs
        if job not in {"prometheus", "delivery"}  # here the API delivers
    ]
    for path in RULES.glob("*.yml"):
        rules = yaml.safe_load(path.read_text())
        hurried = [{**group, "interval": "1s"} for group in rules["groups"]]
        (directory / path.name).write_text(yaml.safe_dump({"groups": hurried}))
    files = [str(directory / path.name) for path in RULES.glob("*.yml")]
    return {"global": _FAST, "rule_files": files, "scrape_configs": scraped}


def _targets(stack: ExitStack, deployment: Deployment) -> dict[str, str]:
    api, worker = deployment.services
    exporters = _serve_exporters(stack)
    ours = {"api": api.url.removeprefix("http://"), "worker": worker.url.removeprefix("http://")}
    return {**{path.stem: exporters for path in EXPORTERS.glob("*.prom")}, **ours}


def _serve_exporters(stack: ExitStack) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Exporters)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    return f"127.0.0.1:{server.server_port}"


class _Exporters(BaseHTTPRequestHandler):
    """Stands in for the exporters: each page as it was written down."""

    def do_GET(self) -> None:
        body = (EXPORTERS / Path(self.path).name).read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
