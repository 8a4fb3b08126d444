"""An S3 server in this process that can run out of room: it answers uploads as MinIO or SeaweedFS does then."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

# As recorded from a SeaweedFS without free volumes, and as MinIO documents it.
FULL_MINIO = (507, "XMinioStorageFull", "Storage backend has reached its minimum free drive threshold.")
FULL_SEAWEEDFS = (500, "InternalError", "We encountered an internal error, please try again.")
_PROBLEM = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'
_LIST = "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"


class SmallS3(ThreadingHTTPServer):
    """`full`: how uploads are rejected; None while there is room."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.full: tuple[int, str, str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SmallS3

    def do_HEAD(self) -> None:
        self._answer(200)

    def do_GET(self) -> None:
        key = self.path.partition("?")[0]
        if "list-type" in self.path:
            self._answer(200, _LIST.encode())
        elif key in self.server.objects:
            self._answer(200, self.server.objects[key])
        else:
            self._answer(404, _PROBLEM.format("NoSuchKey", "There is no such key.").encode())

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._reject():
            self.server.objects[self.path.partition("?")[0]] = body
            self._answer(200, etag='"1"')

    def do_POST(self) -> None:
        """Answer the begin of a multipart upload."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._reject():
            self._answer(200, b"<R><UploadId>1</UploadId></R>")

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.path.partition("?")[0], None)
        self._answer(204)

    def _reject(self) -> bool:
        if self.server.full is None:
            return False
        status, code, message = self.server.full
        self._answer(status, _PROBLEM.format(code, message).encode())
        return True

    def _answer(self, status: int, body: bytes = b"", *, etag: str = '"0"') -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", "Mon, 30 Nov 2026 04:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def small_s3() -> Iterator[SmallS3]:
    with SmallS3() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
