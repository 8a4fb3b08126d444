"""What a render process runs: one request at a time, sandboxed, under limits it cannot lift, until its pipe closes."""

import math
import os
import resource
import socket
import traceback
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from core.errors import DarkroomError, InvalidPipeline
from core.failpoints import blocking_failpoint
from imaging import Limits, Rendered, give_memory_back, load_native, parse_output_options, parse_pipeline, render
from rendering.protocol import LARGEST_OUTPUT_BYTES, Greeting, RenderReply, RenderRequest, RenderSettings
from rendering.sandbox import enter_sandbox
from rendering.shared_memory import write_objects

_RESERVED_BYTES = 48 * 2**20  # for the source, the output and bands of rows

load_native()  # once, before children are forked


def serve_requests(connection: socket.socket, memory: int, *, settings: RenderSettings) -> None:
    """Answer requests on `connection` about the shared memory `memory` until its owner closes it or dies."""
    _limit_resources(settings)
    limits = _limits(settings)  # before the sandbox, which hides /proc
    connection.sendall(Greeting(sandbox=enter_sandbox()).encode())
    with connection.makefile("rb") as requests:
        for line in requests:
            _limit_cpu(settings.cpu_seconds)
            reply = _answer(RenderRequest.model_validate_json(line), memory, limits=limits)
            connection.sendall(reply.encode())


def _limit_resources(settings: RenderSettings) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, settings.memory_bytes),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, settings.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _limit_cpu(seconds: int) -> None:
    """Limit the next request alone: the kernel counts from the start of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(usage.ru_utime + usage.ru_stime) + seconds, most))


def _limits(settings: RenderSettings) -> Limits:
    return Limits(
        max_pixels=settings.max_pixels,
        max_side=settings.max_side,
        max_frames=settings.max_frames,
        memory_bytes=settings.memory_bytes - _address_space_bytes() - _RESERVED_BYTES,
    )


def _address_space_bytes() -> int:
    """Return how much of it libraries take before there is an image; 0 where this is unknown."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _answer(request: RenderRequest, memory: int, *, limits: Limits) -> RenderReply:
    try:
        blocking_failpoint("child")
        rendered = _render_with_all_memory(memory, request, limits=limits)
        write_objects(memory, [rendered.data])
    except MemoryError:
        return RenderReply(outcome="resource_limit", detail="The image needs more memory than a render may use.")
    except InvalidPipeline as error:
        return RenderReply(outcome="permanent", code=error.code, detail=error.detail, problems=error.problems)
    except DarkroomError as error:
        return RenderReply(outcome="permanent", code=error.code, detail=error.detail)
    except Exception:  # noqa: BLE001 - a filter's bug must not end as silence
        return RenderReply(outcome="crashed", detail=traceback.format_exc(limit=-10)[-10_000:])
    return RenderReply(
        outcome="rendered",
        format=rendered.format,
        width=rendered.width,
        height=rendered.height,
        output_bytes=len(rendered.data),
        report=rendered.report,
        warnings=rendered.warnings,
        source_pixels=rendered.source_pixels,
        source_size=rendered.source_size,
        analysis=rendered.analysis,
    )


def _render_with_all_memory(memory: int, request: RenderRequest, *, limits: Limits) -> Rendered:
    """Render once more after a failure: what earlier images left behind in this process must not fail this one."""
    with suppress(MemoryError):
        return _render(memory, request, limits=limits)
    give_memory_back()
    return _render(memory, request, limits=limits)


def _render(memory: int, request: RenderRequest, *, limits: Limits) -> Rendered:
    source, auxiliary_images = _read(memory, request)
    pipeline = parse_pipeline(list(request.pipeline))
    output = parse_output_options(request.output_options)
    return render(source, pipeline, output, limits=limits, auxiliary_images=auxiliary_images, preview=request.preview)


def _read(memory: int, request: RenderRequest) -> tuple[bytes, dict[UUID, bytes]]:
    source, start, auxiliary_images = os.pread(memory, request.source_bytes, 0), request.source_bytes, {}
    for image_id, image_bytes in request.auxiliary_images:
        auxiliary_images[image_id] = os.pread(memory, image_bytes, start)
        start += image_bytes
    return source, auxiliary_images
