"""The life of a render child: one request at a time, walled in, under limits it cannot lift, till its pipe closes."""

import math
import os
import resource
import socket
import traceback
from contextlib import suppress
from uuid import UUID

from core.errors import DarkroomError
from core.failpoints import blocking_failpoint
from imaging import native
from imaging.limits import Limits
from imaging.memory import give_memory_back
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from rendering.protocol import LARGEST_OUTPUT_BYTES, ChildGreeting, ChildSettings, RenderReply, RenderRequest
from rendering.sandbox.sandbox import raise_walls

native.load()  # once, before children are forked


def serve_requests(connection: socket.socket, memory: int, *, settings: ChildSettings) -> None:
    """Answer requests on `connection` about the shared memory `memory` until the worker closes it or dies."""
    _limit_resources(settings)
    connection.sendall(ChildGreeting(walls=raise_walls()).encode())
    with connection.makefile("rb") as requests:
        for line in requests:
            _limit_cpu(settings.cpu_seconds)
            reply = _answer(RenderRequest.model_validate_json(line), memory, settings=settings)
            connection.sendall(reply.encode())


def _limit_resources(settings: ChildSettings) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, settings.memory_bytes),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, settings.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _limit_cpu(seconds: int) -> None:
    """For the next request alone: the kernel counts from the start of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(usage.ru_utime + usage.ru_stime) + seconds, most))


def _answer(request: RenderRequest, memory: int, *, settings: ChildSettings) -> RenderReply:
    try:
        blocking_failpoint("child")
        rendered = _render_with_all_memory(memory, request, settings=settings)
        _write(memory, rendered.data)
    except MemoryError:
        return RenderReply(outcome="resource_limit", detail="The picture needs more memory than a render may use.")
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
        source_pixels=rendered.source_pixels,
        analysis=rendered.analysis,
    )


def _render_with_all_memory(memory: int, request: RenderRequest, *, settings: ChildSettings) -> Rendered:
    """A picture that a new child has room for must not fail for what other pictures left behind in this one."""
    with suppress(MemoryError):
        return _render(memory, request, settings=settings)
    give_memory_back()
    return _render(memory, request, settings=settings)


def _render(memory: int, request: RenderRequest, *, settings: ChildSettings) -> Rendered:
    source, pictures = _read(memory, request)
    pipeline = parse_pipeline(list(request.pipeline))
    limits = Limits(max_pixels=settings.max_pixels, max_side=settings.max_side)
    output = parse_output_options(request.output_options)
    return render(source, pipeline, output, limits=limits, pictures=pictures)


def _read(memory: int, request: RenderRequest) -> tuple[bytes, dict[UUID, bytes]]:
    source, start, pictures = os.pread(memory, request.source_bytes, 0), request.source_bytes, {}
    for image_id, picture_bytes in request.pictures:
        pictures[image_id] = os.pread(memory, picture_bytes, start)
        start += picture_bytes
    return source, pictures


def _write(memory: int, data: bytes) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(memory, memoryview(data)[written:], written)
