"""Renders infra/k8s as `kubectl kustomize` does, as far as we use it, and validates every manifest strictly.

`make check` runs it: a cluster should not be the first to notice a mistake. A test compares it with kubectl's.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

from tests.harness.deployment import ROOT

K8S = ROOT / "infra" / "k8s"
KUSTOMIZATIONS = ("base", "delivery", "monitoring", "migrate", "example", "example/migrate")
_KUBERNETES = "1.32.0"  # the oldest that we say works
_UNDERSTOOD = {"apiVersion", "kind", "namespace", "resources", "images", "patches"}

Manifest = dict[str, Any]


def render(directory: Path) -> list[Manifest]:
    """All manifests of a kustomization. Raises ValueError for a feature of kustomize that this does not know."""
    kustomization = _read(directory / "kustomization.yaml")[0]
    if unknown := kustomization.keys() - _UNDERSTOOD:
        raise ValueError(f"{directory}: cannot render {sorted(unknown)}")
    manifests = [each for name in kustomization["resources"] for each in _resource(directory / name)]
    for patch in (each for name in kustomization.get("patches", ()) for each in _read(directory / name["path"])):
        _only(manifests, patch).update(merged(_only(manifests, patch), patch))
    for manifest in manifests:
        if namespace := kustomization.get("namespace"):
            manifest["metadata"]["namespace"] = namespace
        for container in containers_of(manifest):
            container["image"] = _image(container["image"], kustomization.get("images", ()))
    return manifests


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Maps merge, everything else is replaced."""
    if isinstance(target, dict) and isinstance(patch, dict):
        return {**target, **{key: merged(target.get(key), value) for key, value in patch.items()}}
    return deepcopy(patch)


def containers_of(manifest: Manifest) -> Iterator[Manifest]:
    pod = manifest.get("spec", {}).get("template", {}).get("spec", {})
    yield from pod.get("initContainers", ())
    yield from pod.get("containers", ())


def mistakes(manifest: Manifest) -> list[str]:
    """Against Kubernetes' own schema, or ours of a custom resource."""
    own = K8S / "schemas" / f"{manifest['kind']}.json"
    if own.exists():
        return [error.message for error in Draft202012Validator(json.loads(own.read_text())).iter_errors(manifest)]
    try:
        kubernetes_validate.validate(manifest, _KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [str(error.message)]
    return []


def _resource(path: Path) -> list[Manifest]:
    return render(path) if path.is_dir() else _read(path)


def _read(path: Path) -> list[Manifest]:
    return [deepcopy(each) for each in yaml.safe_load_all(path.read_text())]


def _only(manifests: Iterable[Manifest], patch: Manifest) -> Manifest:
    (found,) = (each for each in manifests if _identity(each) == _identity(patch))
    return found


def _identity(manifest: Manifest) -> tuple[str, str, str]:
    return manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"]


def _image(image: str, replacements: Iterable[dict[str, str]]) -> str:
    for each in replacements:
        if each["name"] == image.partition(":")[0]:
            return f"{each['newName']}:{each['newTag']}"
    return image


def main() -> int:
    found = [
        f"infra/k8s/{name}: {manifest['kind']} {manifest['metadata']['name']}: {mistake}"
        for name in KUSTOMIZATIONS
        for manifest in render(K8S / name)
        for mistake in mistakes(manifest)
    ]
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
