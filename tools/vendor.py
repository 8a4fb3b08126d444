"""`make vendor`: joins the libraries of the page into modules, and records their versions, licences and SHA-256."""

import hashlib
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
_WEB = ROOT / "tools" / "web"
_MODULES = _WEB / "node_modules"
TARGET = ROOT / "api" / "web" / "vendor"
LIBRARIES = ("preact", "@preact/signals", "@preact/signals-core", "htm", "client-zip")
_JOINED = {"preact.js": "libraries.js", "zip.js": "zip.js"}  # by module: what it is joined from
_OPTIONS = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none")
_README = """\
# Libraries of the page

`make vendor` joins them into `preact.js`, and the one that writes ZIP files into `zip.js`. The versions are those of
`tools/web/package-lock.json`, the licences are in `LICENSES.txt`.

| library | version | licence |
|---|---|---|
{rows}

| file | SHA-256 |
|---|---|
{digests}
"""


def _manifest(library: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((_MODULES / library / "package.json").read_text())
    return found


def _license(library: str) -> str:
    return next((_MODULES / library).glob("LICENSE*")).read_text().strip()


def _join(source: str, module: Path) -> str:
    """Write the module, and return its SHA-256."""
    esbuild = _MODULES / ".bin" / "esbuild"
    command = [str(esbuild), str(_WEB / source), f"--outfile={module}", "--log-level=warning", *_OPTIONS]
    subprocess.run(command, check=True)  # noqa: S603 - a program of the lock file
    return hashlib.sha256(module.read_bytes()).hexdigest()


def main() -> None:
    manifests = [_manifest(library) for library in LIBRARIES]
    rows = "\n".join(f"| {each['name']} | {each['version']} | {each['license']} |" for each in manifests)
    digests = "\n".join(f"| `{name}` | `{_join(source, TARGET / name)}` |" for name, source in _JOINED.items())
    (TARGET / "README.md").write_text(_README.format(rows=rows, digests=digests))
    texts = (f"{library}\n\n{_license(library)}\n" for library in LIBRARIES)
    (TARGET / "LICENSES.txt").write_text("\n\n".join(texts))


if __name__ == "__main__":
    main()
