#!/bin/sh
# Brings the store to the state that the service expects; run at every `make up`, changes nothing the second time.
# Only mc and a shell are at hand in the image. MC_HOST_store holds the address and the admin's password.
set -eu
here=$(dirname "$0")
bucket=store/darkroom

mc mb --ignore-existing "$bucket"
mc anonymous set none "$bucket" # nobody reads without a signed link

mc admin policy create store darkroom "$here/policy.json"
mc admin user add store "$S3_ACCESS_KEY_ID" "$S3_SECRET_ACCESS_KEY"
mc admin policy attach store darkroom --user "$S3_ACCESS_KEY_ID"

# A net below our own purge, never before it. Sources have none: a picture on its own is kept until its owner deletes it.
mc ilm rule import "$bucket" <<EOF
{"Rules": [{"ID": "forgotten-outputs", "Status": "Enabled", "Filter": {"Prefix": "outputs/"},
  "Expiration": {"Days": $((RETENTION_SECONDS / 86400 + 8))}}]}
EOF

# Pages of these origins may read results by their links. The original MinIO knows only MINIO_API_CORS_ALLOW_ORIGIN.
{
  echo '<CORSConfiguration><CORSRule>'
  (IFS=,; for origin in $CORS_ORIGINS; do echo "<AllowedOrigin>$origin</AllowedOrigin>"; done)
  echo '<AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedMethod>PUT</AllowedMethod>'
  echo '<AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3600</MaxAgeSeconds>'
  echo '</CORSRule></CORSConfiguration>'
} > /tmp/cors.xml
mc cors set "$bucket" /tmp/cors.xml || echo 'No CORS by bucket here: MINIO_API_CORS_ALLOW_ORIGIN of the server counts.'
