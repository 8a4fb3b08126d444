"""`make welcome-pictures`: renders the sample of the page's first view with looks, as small WebPs."""

from imaging import Limits, parse_output_options, parse_pipeline, render
from tests.harness.deployment import ROOT

_SAMPLE = ROOT / "examples" / "pictures" / "coffee.jpg"
_TARGET = ROOT / "api" / "web" / "pictures"
_LOOKS = ("bw_dramatic", "golden_hour", "vintage")  # those of views/welcome.js
_OUTPUT = {"format": "webp", "quality": 70}


def main() -> None:
    for name in ("original", *_LOOKS):
        pipeline = parse_pipeline([{"filter": name}] if name in _LOOKS else [])
        rendered = render(_SAMPLE.read_bytes(), pipeline, parse_output_options(_OUTPUT), limits=Limits())
        (_TARGET / f"{name}.webp").write_bytes(rendered.data)


if __name__ == "__main__":
    main()
