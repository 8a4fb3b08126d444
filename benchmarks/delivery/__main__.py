"""Measures images by URL against thumbor and ipx, and writes benchmarks/results/delivery.md.

    make bench-delivery REQUESTS=60

Each uncached request asks for another image: its output option `background` differs, which changes no pixel of a JPEG.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.delivery.cases import CASES, SMALLEST, Signer
from benchmarks.delivery.measure import ROUNDS, measure_hits, measure_uncached, peer_target, target
from benchmarks.delivery.tables import hit_table, uncached_table
from benchmarks.machine import commit, machine
from benchmarks.service.deployments import Servers, embedded
from benchmarks.service.peers import open_peers

_RESULT = Path(__file__).parents[1] / "results" / "delivery.md"


def measure(requests: int) -> Iterator[str]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        images = {case.file_name: case.image() for case in CASES}
        slots = {"DARKROOM_DELIVERY_SLOTS": str(os.cpu_count() or 1)}
        servers = Servers(stack)
        links = servers.publish(images)
        services = [
            embedded(directory / "embedded", slots=1, stack=stack, **slots),
            servers.start(directory / "servers", slots=1, **slots),
        ]
        served = stack.enter_context(open_peers(directory / "peer", loader="http"))
        signers = {(each.name, name): Signer(each, data) for each in services for name, data in images.items()}
        uncached = {}
        for case in CASES:
            targets = {each.name: target(each, case, signers[each.name, case.file_name]) for each in services}
            paths = {peer: path for peer, path in case.peer_paths(links).items() if peer in served}
            s3 = services[1].groups["SeaweedFS"]
            targets |= {peer: peer_target(served[peer] + path, s3) for peer, path in paths.items()}
            uncached[case] = measure_uncached(targets, requests)
        data = images[SMALLEST.file_name]
        hits = {f"{each.name}, memory": measure_hits(each, data) for each in services}
        stored_only = {**slots, "DARKROOM_DELIVERY_MEMORY_BYTES": "0"}
        services = [
            embedded(directory / "stored", slots=1, stack=stack, **stored_only),
            servers.start(directory / "stored-servers", slots=2, **stored_only),
        ]
        hits |= {f"{each.name}, object store": measure_hits(each, data) for each in services}
    yield from uncached_table(uncached)
    yield from hit_table(hits, uncached[SMALLEST])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60, metavar="N", help="requests of one round")
    requests = parser.parse_args().requests
    lines = list(measure(requests))
    on = machine()
    where = f"{on['cpu']}, {on['cores']} cores, load {on['load_at_end']} at the end, Python {on['python']}"
    head = f"# Images by URL\n\nCommit {commit()}; {where}; {ROUNDS} rounds of {requests} requests.\n"
    _RESULT.write_text("\n".join([head, *lines, ""]))
    sys.stdout.write(_RESULT.read_text())


if __name__ == "__main__":
    main()
