"""The manifests of infra/k8s: each is valid, and what they say about the service is true of its code."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from core.settings import Settings
from tests.harness.kubernetes import K8S, KUSTOMIZATIONS, Manifest, containers_of, mistakes, render

EXAMPLE = render(K8S / "example")
ALL = EXAMPLE + render(K8S / "example/migrate")
SECRETS = {
    "DARKROOM_DATABASE_URL": "postgresql+asyncpg://db/darkroom",
    "DARKROOM_BROKER_URL": "amqp://queue/",
    "DARKROOM_REDIS_URL": "redis://sessions/0",
    "DARKROOM_S3_ACCESS_KEY_ID": "id",
    "DARKROOM_S3_SECRET_ACCESS_KEY": "key",
}


def one(kind: str, name: str) -> Manifest:
    (found,) = (each for each in ALL if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def container(kind: str, name: str) -> dict[str, Any]:
    (found,) = containers_of(one(kind, name))
    return found


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_every_manifest_is_valid(name: str) -> None:
    assert [mistake for manifest in render(K8S / name) for mistake in mistakes(manifest)] == []


@pytest.mark.parametrize(
    "kind", ["Deployment", "ScaledObject", "RabbitmqCluster", "NetworkPolicy", "PodMonitor", "PrometheusRule", "Probe"]
)
def test_a_field_that_does_not_exist_is_a_mistake(kind: str) -> None:
    manifest = deepcopy(next(each for each in EXAMPLE if each["kind"] == kind))
    manifest["spec"]["replicaCount"] = 3
    assert mistakes(manifest)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_kubectl_renders_the_same(name: str) -> None:
    done = subprocess.run(["kubectl", "kustomize", K8S / name], check=True, capture_output=True, timeout=300)  # noqa: S603, S607 - the one on the PATH
    assert in_order(yaml.safe_load_all(done.stdout)) == in_order(render(K8S / name))


def in_order(manifests: Iterable[Manifest]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in manifests)


def test_the_settings_make_a_service_without_embedded_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    given = one("ConfigMap", "darkroom")["data"] | SECRETS
    assert {name.removeprefix("DARKROOM_").lower() for name in given} <= Settings.model_fields.keys()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    settings.check()
    assert settings.embedded_parts == ()


def test_no_secret_is_in_the_files() -> None:
    assert [each["metadata"]["name"] for each in ALL if each["kind"] == "Secret"] == []
    assert not SECRETS.keys() & one("ConfigMap", "darkroom")["data"].keys()
    assert all(name in (K8S / "base/settings.yaml").read_text() for name in SECRETS)


def test_a_drain_ends_before_its_grace_period() -> None:
    pod = one("Deployment", "darkroom-worker")["spec"]["template"]["spec"]
    drain_seconds = int(one("ConfigMap", "darkroom")["data"]["DARKROOM_DRAIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] >= drain_seconds + 15


def test_the_scaler_watches_our_queue_with_our_url() -> None:
    scaler, authentication = one("ScaledObject", "darkroom-worker"), one("TriggerAuthentication", "darkroom-broker")
    assert scaler["spec"]["triggers"][0]["metadata"]["queueName"] == Settings().broker_queue
    assert scaler["spec"]["triggers"][0]["authenticationRef"]["name"] == authentication["metadata"]["name"]
    assert authentication["spec"]["secretTargetRef"][0]["key"] == "DARKROOM_BROKER_URL"
    assert scaler["spec"]["minReplicaCount"] >= 1, "workers sweep"


@pytest.mark.parametrize("kind", ["HorizontalPodAutoscaler", "ScaledObject"])
def test_what_is_scaled_exists_and_has_no_fixed_number(kind: str) -> None:
    scaled = [each["spec"]["scaleTargetRef"]["name"] for each in EXAMPLE if each["kind"] == kind]
    assert scaled
    assert all("replicas" not in one("Deployment", name)["spec"] for name in scaled)


@pytest.mark.parametrize("name", ["darkroom-api", "darkroom-delivery", "darkroom-worker"])
def test_probes_and_ports_are_those_of_the_service(name: str) -> None:
    found = container("Deployment", name)
    probes = [found[probe]["httpGet"] for probe in found if probe.endswith("Probe")]
    assert {probe["path"] for probe in probes} == {"/livez", "/readyz"}
    ports = {port["name"]: port["containerPort"] for port in found["ports"]}
    metrics_port = int(one("ConfigMap", "darkroom")["data"]["DARKROOM_METRICS_PORT"])
    if name != "darkroom-worker":
        assert ports == {"http": Settings().port, "metrics": metrics_port}
    else:
        assert ports == {"metrics": Settings().worker_metrics_port}
    annotations = one("Deployment", name)["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(ports["metrics"])


def test_only_monitoring_reaches_the_metrics() -> None:
    rules = [rule for each in ALL if each["kind"] == "NetworkPolicy" for rule in each["spec"]["ingress"]]
    (metrics,) = (rule for rule in rules if {"port": 9464, "protocol": "TCP"} in rule["ports"])
    (source,) = metrics["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}


@pytest.mark.parametrize("name", ["darkroom-api", "darkroom-delivery"])
def test_the_ingress_alone_reaches_the_api_and_is_trusted(name: str) -> None:
    (rule,) = one("NetworkPolicy", name)["spec"]["ingress"]
    (source,) = rule["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "ingress-nginx"}
    (host,) = (each["host"] for each in one("Ingress", "darkroom-api")["spec"]["rules"])
    data = one("ConfigMap", "darkroom")["data"]
    assert data["DARKROOM_PUBLIC_URL"] == f"https://{host}"
    assert data["DARKROOM_TRUSTED_PROXIES"]


def jobs_of(manifest: Manifest) -> set[str]:
    if manifest["kind"] == "Probe":
        return {manifest["spec"]["jobName"]}
    endpoints = manifest["spec"]["podMetricsEndpoints"]
    return {
        rule["replacement"] for each in endpoints for rule in each["relabelings"] if rule.get("targetLabel") == "job"
    }


def test_the_monitors_have_the_jobs_that_the_rules_need() -> None:
    monitors = [each for each in EXAMPLE if each["kind"] in {"PodMonitor", "Probe"}]
    found = set[str]().union(*map(jobs_of, monitors))
    scraped = yaml.safe_load((K8S.parent / "monitoring/prometheus.yml").read_text())["scrape_configs"]
    assert found <= {job["job_name"] for job in scraped}
    assert {"api", "delivery", "worker", "rabbitmq", "rabbitmq-queues", "tls"} == found


@pytest.mark.parametrize(("component", "job"), [("api", "api"), ("delivery", "delivery"), ("worker", "worker")])
def test_a_monitor_selects_its_pods_and_their_port(component: str, job: str) -> None:
    monitor, pods = one("PodMonitor", f"darkroom-{component}"), one("Deployment", f"darkroom-{component}")
    labels = pods["spec"]["template"]["metadata"]["labels"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    ports = {port["name"] for port in container("Deployment", f"darkroom-{component}")["ports"]}
    assert {each["port"] for each in monitor["spec"]["podMetricsEndpoints"]} <= ports
    assert jobs_of(monitor) == {job}


def test_images_by_url_go_to_their_own_pods() -> None:
    (rule,) = one("Ingress", "darkroom-api")["spec"]["rules"]
    services = {each["path"]: each["backend"]["service"]["name"] for each in rule["http"]["paths"]}
    assert services == {"/": "darkroom-api", "/i/": "darkroom-delivery", "/thumbor/": "darkroom-delivery"}
    assert container("Deployment", "darkroom-delivery")["args"] == ["python", "-m", "api", "--only", "delivery"]


def test_every_rule_and_dashboard_is_in_the_cluster() -> None:
    rules = [group for each in EXAMPLE if each["kind"] == "PrometheusRule" for group in each["spec"]["groups"]]
    files = [yaml.safe_load(path.read_text()) for path in sorted((K8S.parent / "monitoring/rules").glob("*.yml"))]
    assert rules == [group for file in files for group in file["groups"]]
    maps = [each for each in EXAMPLE if "grafana_dashboard" in each["metadata"].get("labels", {})]
    shown = {json.loads(text)["uid"] for each in maps for text in each["data"].values()}
    kept = (K8S.parent / "monitoring/grafana/dashboards").glob("*.json")
    assert shown == {json.loads(path.read_text())["uid"] for path in kept}
    assert max(len(json.dumps(each)) for each in maps) < 262_144, "the most that `kubectl apply` can annotate"


def test_a_worker_has_memory_for_every_slot() -> None:
    slots = int(one("ConfigMap", "darkroom")["data"]["DARKROOM_WORKER_SLOTS"])
    resources = container("Deployment", "darkroom-worker")["resources"]
    gibibytes = int(resources["limits"]["memory"].removesuffix("Gi"))
    assert gibibytes * 2**30 >= (slots + 1) * Settings().render_memory_bytes
    assert int(resources["requests"]["cpu"]) == slots


def test_every_container_is_confined() -> None:
    for manifest in ALL:
        for each in containers_of(manifest):
            pod = manifest["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"]
            assert each["securityContext"]["readOnlyRootFilesystem"]
            assert each["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert each["resources"]["limits"]["memory"]
            assert each["image"] != "darkroom"


@pytest.mark.parametrize("name", ["darkroom-api", "darkroom-worker"])
def test_every_selector_selects(name: str) -> None:
    labels = one("Deployment", name)["spec"]["template"]["metadata"]["labels"]
    budget = one("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"]
    assert budget.items() <= labels.items()
    assert one("NetworkPolicy", "darkroom")["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert one("Deployment", name)["spec"]["selector"]["matchLabels"].items() <= labels.items()
