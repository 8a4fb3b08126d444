#!/bin/sh
# SeaweedFS under MinIO's variables. Its own paths for health; `server /data …` is what compose.yml says to MinIO.
set -eu
export AWS_ACCESS_KEY_ID="$MINIO_ROOT_USER" AWS_SECRET_ACCESS_KEY="$MINIO_ROOT_PASSWORD" GOMEMLIMIT=400MiB
exec weed -logdir=/tmp mini -dir=/data -ip=minio -ip.bind=0.0.0.0 -s3.port=9000 \
  -master.telemetry=false -s3.allowedOrigins="$MINIO_API_CORS_ALLOW_ORIGIN"
