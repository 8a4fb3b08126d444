"""What infra/ says and the code means: they must not drift apart, and no container may come without its limits."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import keys
from core.settings import Settings

INFRA = Path(__file__).parent.parent.parent / "infra"
COMPOSE: dict[str, Any] = yaml.safe_load((INFRA / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("api", "delivery", "worker", "migrate")
OUR_IMAGE = (*OURS, "alert-log")


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_hemmed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["restart"] in {"unless-stopped", "no"}
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OUR_IMAGE])
def test_every_server_is_pinned_and_not_root(name: str) -> None:
    service = SERVICES[name]
    tag = service["image"].rstrip("}").rpartition(":")[2]
    assert any(character.isdigit() for character in tag)
    assert (service["user"] == "0:0") == (name == "minio-volume")


@pytest.mark.parametrize("name", OURS)
def test_our_variables_are_settings(name: str) -> None:
    known = {f"DARKROOM_{field.upper()}" for field in Settings.model_fields}
    ours = {variable for variable in SERVICES[name]["environment"] if variable.startswith("DARKROOM_")}
    assert ours <= known


FIXED = {  # by compose.yml or the Dockerfile, and why
    "HOST": "the address in the container",
    "PORT": "published as API_PORT",
    "DATA_DIR": "nothing is kept in the container",
    "METRICS_HOST": "the address in the container",
    "WORKER_METRICS_HOST": "the address in the container",
    "WORKER_METRICS_PORT": "named in prometheus.yml",
    "S3_BUCKET": "named in the policy of MinIO",
    "S3_REGION": "MinIO's",
    "ALLOW_SQLITE_WITH_S3": "the database is PostgreSQL",
    "FSYNC": "for objects in files",
}


@pytest.mark.parametrize("name", ["api", "worker"])
def test_every_setting_reaches_its_container(name: str) -> None:
    environment = SERVICES[name]["environment"]
    wanted = {field.upper() for field in Settings.model_fields} - FIXED.keys()
    of_the_other = {"WORKER_SLOTS", "DRAIN_SECONDS"} if name == "api" else {"METRICS_PORT"}
    assert {each for each in wanted - of_the_other if f"DARKROOM_{each}" not in environment} == set()
    assert {each for each in FIXED if f"DARKROOM_{each}" in environment} == set()


def test_the_metrics_are_not_on_a_published_port() -> None:
    jobs = yaml.safe_load((INFRA / "monitoring/prometheus.yml").read_text())["scrape_configs"]
    scraped = {job["job_name"]: job["dns_sd_configs"][0]["port"] for job in jobs if job["job_name"] in OURS}
    assert scraped == {
        "api": SERVICES["api"]["environment"]["DARKROOM_METRICS_PORT"],
        "delivery": SERVICES["delivery"]["environment"]["DARKROOM_METRICS_PORT"],
        "worker": Settings().worker_metrics_port,
    }
    published = [int(port.rpartition(":")[2]) for name in scraped for port in SERVICES[name].get("ports", ())]
    assert not set(scraped.values()) & set(published)


def test_an_unknown_name_in_the_env_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    run("secrets.sh", file)
    file.write_text(file.read_text() + "API_PORT=8080\nDARKROOM_MAX_FRAMES=7\nDARKROOM_MAX_FRAME=7\n# A=1\n")
    assert run("check_env.sh", file).splitlines() == [
        "infra/.env: DARKROOM_MAX_FRAME is not a setting of infra/compose.yml and has no effect."
    ]


def run(script: str, file: Path) -> str:
    """Run one of our scripts and return what it writes to stderr."""
    command = ("/bin/sh", str(INFRA / script), str(file))
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr  # noqa: S603 - our own script


def test_a_worker_may_drain_before_it_is_killed() -> None:
    worker = SERVICES["worker"]
    assert int(worker["stop_grace_period"].removesuffix("s")) > worker["environment"]["DARKROOM_DRAIN_SECONDS"]


def test_dashboards_and_rules_reach_their_containers() -> None:
    mounted = {mount.split(":")[0] for name in ("grafana", "prometheus") for mount in SERVICES[name]["volumes"]}
    provisioned = [*(INFRA / "monitoring/grafana").iterdir(), INFRA / "monitoring/rules"]
    assert {f"./{path.relative_to(INFRA)}" for path in provisioned} <= mounted


def test_every_password_is_written_by_make_up() -> None:
    written = (INFRA / "secrets.sh").read_text()
    asked = {
        part.split(":?")[0] for part in (INFRA / "compose.yml").read_text().split("${") if ":?" in part.split("}")[0]
    }
    assert asked
    assert {name for name in asked if name not in written} == set()


def test_the_policy_allows_our_keys_and_no_others() -> None:
    statements = json.loads((INFRA / "minio" / "policy.json").read_text())["Statement"]
    bucket = f"arn:aws:s3:::{Settings.model_fields['s3_bucket'].default}"
    assert statements[0]["Resource"] == [bucket]
    assert statements[1]["Resource"] == [
        f"{bucket}/{prefix}*" for prefix in (keys.SOURCES, keys.OUTPUTS, keys.DELIVERED)
    ]
    assert statements[2]["Resource"] == [f"{bucket}/{keys.DEPLOYMENT_MARK}"]


def tls_service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((INFRA / "tls.yml").read_text())["services"][name]
    return found


@pytest.mark.parametrize("name", ["caddy", "caddy-volume", "tls-probe"])
def test_what_tls_adds_is_confined_and_pinned(name: str) -> None:
    service = tls_service(name)
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert any(character.isdigit() for character in service["image"].rstrip("}").rpartition(":")[2])
    assert (service["user"] == "0:0") == (name == "caddy-volume")


@pytest.mark.parametrize("name", ["api", "delivery"])
def test_the_api_trusts_the_address_of_caddy_and_no_other(name: str) -> None:
    address = tls_service("caddy")["networks"]["edge"]["ipv4_address"]
    trusted = tls_service(name)["environment"]["DARKROOM_TRUSTED_PROXIES"]
    assert trusted.startswith(address + "${DARKROOM_TRUSTED_PROXIES:+,")
    network = yaml.safe_load((INFRA / "tls.yml").read_text())["networks"]["edge"]["ipam"]["config"][0]
    assert network["ip_range"].endswith(".8/29"), "above the fixed address"


def test_what_tls_overrides_exists() -> None:
    added = {"caddy", "caddy-volume", "tls-probe"}
    assert yaml.safe_load((INFRA / "tls.yml").read_text())["services"].keys() - SERVICES.keys() == added
