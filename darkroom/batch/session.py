"""One run of `darkroom apply`: plans, renders, reports."""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from darkroom.batch.auxiliary import upload_files
from darkroom.batch.interrupts import Interrupts
from darkroom.batch.journal import Journal
from darkroom.batch.plan import Job, PlanError, plan
from darkroom.batch.progress import Silent, showing
from darkroom.batch.runner import Request, Result, Runner
from darkroom.batch.watch import new_files
from darkroom.client import AsyncClient, Client

STDIN = "-"
_RETRY_SECONDS = 120.0  # a run in which the service is restarted goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    files: tuple[str, ...]
    watch: Path | None
    output: Path | None
    request: Request
    jobs: int
    dry_run: bool
    as_json: bool
    quiet: bool

    @property
    def label(self) -> str:
        """Return what outputs beside their sources are named after: the last filter, or the preset."""
        pipeline = self.request.pipeline
        if isinstance(pipeline, str):
            return pipeline.removeprefix("@")
        return str(pipeline[-1].get("filter", "")) if pipeline else ""


class Session:
    """Raises PlanError for files that cannot be rendered as asked, and the errors of the client."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options = options
        self._client = client
        self._interrupts = Interrupts()
        self._journal = Journal(client.login.url, options.output)

    def run(self) -> bool:
        """Return whether everything succeeded."""
        if self._options.watch and self._options.output is None:
            raise PlanError("--watch needs -o: outputs in the same folder would be rendered again.")
        if self._options.dry_run:
            return self._show_plan()
        self._client.filters()  # a service that is away is reported at once; later it may come back
        self._upload_files()
        if STDIN in self._options.files:
            return self._render_stdin()
        with self._interrupts.handled():
            succeeded = [self._render(jobs) for jobs in self._batches()]
        return all(succeeded)

    def _batches(self) -> Iterator[list[Job]]:
        options = self._options
        if options.files:
            yield self._plan()
        if options.watch and options.output:
            yield from new_files(options.watch, options.output, label=options.label, between=self._interrupts.check)

    def _plan(self) -> list[Job]:
        options = self._options
        made = self._journal.outputs() | Journal(self._client.login.url, None).outputs()
        jobs = plan(options.files, options.output, label=options.label, made=made)
        if not jobs:
            raise PlanError(f"There is no image in {' or '.join(options.files)}.")
        return jobs

    def _show_plan(self) -> bool:
        if STDIN in self._options.files:
            print(f"standard input -> {self._options.output / 'stdin' if self._options.output else 'standard output'}")  # noqa: T201 - the result
            return True
        for job in self._plan():
            print(f"{job.source} -> {job.path_for(self._options.request.format)}")  # noqa: T201 - the result
        return True

    def _upload_files(self) -> None:
        request = self._options.request
        if not isinstance(request.pipeline, str):
            steps = upload_files(self._client, request.pipeline)
            self._options = replace(self._options, request=replace(request, pipeline=steps))

    def _render(self, jobs: Sequence[Job]) -> bool:
        with showing(len(jobs), quiet=self._options.quiet) as shown:
            results = self._interrupts.run(self._run(jobs, shown))
        return all(result.error is None for result in results)

    async def _run(self, jobs: Sequence[Job], shown: Silent) -> list[Result]:
        login = self._client.login
        async with AsyncClient(login.url, login.token, retry_seconds=_RETRY_SECONDS) as client:
            watcher = _Reporting(shown, self._options)
            runner = Runner(client, self._options.request, self._journal, watcher, jobs=self._options.jobs)
            return await runner.run(jobs)

    def _render_stdin(self) -> bool:
        """Standard input to standard output, or into the folder for outputs as `stdin`."""
        if len(self._options.files) > 1:
            raise PlanError("- cannot be combined with files: it is one image, from standard input.")
        if self._options.output is None:
            self._check_stdout()
        with tempfile.TemporaryDirectory(prefix="darkroom-") as directory:
            source = Path(directory) / "stdin"
            source.write_bytes(sys.stdin.buffer.read())
            if self._options.output:
                return self._render([Job(source, self._options.output / "stdin")])
            request = self._options.request
            task = self._client.submit(source, request.pipeline, output=request.output, **request.options)
            task = self._client.wait(task)
            Silent().ended(Result(source=Path(STDIN), status=task.status, task=task))
            sys.stdout.buffer.write(self._client.download(task))
            return True

    def _check_stdout(self) -> None:
        """Raise PlanError unless the output can go there."""
        if sys.stdout.isatty():
            raise PlanError("The output would be written to the terminal. Redirect it, or name a folder with -o.")
        if self._options.as_json:
            raise PlanError("--json needs -o with -: the output itself goes to standard output.")


class _Reporting:
    """Shows progress, and writes a line to stdout for each file that ends."""

    def __init__(self, shown: Silent, options: Options) -> None:
        self._shown = shown
        self._options = options
        self.began, self.sent, self.rendering = shown.began, shown.sent, shown.rendering

    def ended(self, result: Result) -> None:
        self._shown.ended(result)
        if self._options.as_json:
            self._shown.write_result(json.dumps(json_of(result)))
        elif result.path and not self._options.quiet:
            self._shown.write_result(str(result.path))


def json_of(result: Result) -> Mapping[str, Any]:
    output = result.task.output if result.task else None
    error = {"code": result.code, "detail": result.error} if result.error else None
    return {
        "file": str(result.source),
        "status": result.status,
        "output": str(result.path) if result.path else None,
        "task_id": result.task_id,
        "width": output.width if output else None,
        "height": output.height if output else None,
        "bytes": output.bytes if output else None,
        "warnings": [asdict(warning) for warning in result.warnings],
        "analysis": result.task.analysis if result.task else None,
        "error": error,
    }
