# One image for the API, the worker and the migrations: the command selects one.

FROM python:3.12.14-slim-trixie AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/darkroom \
    UV_PYTHON=/usr/local/bin/python3.12 \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock ./
# Without the embedded S3 server (150 MB): in containers S3 is a service of its own.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-install-project --extra server --extra tracing

FROM python:3.12.14-slim-trixie
# With FriBidi, which it loads by name, Pillow orders Hebrew and Arabic. Debian keeps no older versions to pin.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends libfribidi0 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin darkroom
COPY --from=build /opt/darkroom /opt/darkroom
WORKDIR /app
COPY pyproject.toml ./
COPY migrations migrations
COPY core core
COPY imaging imaging
COPY rendering rendering
COPY storage storage
COPY broker broker
COPY worker worker
COPY api api
ENV PATH=/opt/darkroom/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DARKROOM_DATA_DIR=/tmp/darkroom \
    DARKROOM_HOST=0.0.0.0 \
    DARKROOM_METRICS_HOST=0.0.0.0 \
    DARKROOM_WORKER_METRICS_HOST=0.0.0.0 \
    HEALTH_URL=http://127.0.0.1:8000/livez
USER 10001:10001
EXPOSE 8000 9464
STOPSIGNAL SIGTERM
# Every 5 s in each container: a third of the CPU time of urllib and the modules that site imports.
HEALTHCHECK --interval=5s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "-IS", "-c", "import os, socket; _, _, host, path = os.environ['HEALTH_URL'].split('/', 3); \
name, port = host.split(':'); probe = socket.create_connection((name, port), 8); \
probe.sendall(f'GET /{path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n'.encode()); \
answer = probe.makefile('rb').readline(); raise SystemExit(b' 200 ' not in answer)"]
CMD ["python", "-m", "api"]
