#!/bin/sh
# Takes the commands of infra/minio/apply.sh in MinIO's words, and nothing else, and says them to SeaweedFS.
set -eu
weed_shell() { echo "$*" | weed shell -master=minio:9333 -filer=minio:8888 2>&1 | tee /tmp/said; ! grep -qi error: /tmp/said; }
case "$*" in
  "mb --ignore-existing store/darkroom")
    weed_shell s3.bucket.list | grep -q darkroom || weed_shell s3.bucket.create -name darkroom ;;
  "anonymous set none store/darkroom") ;; # as it is
  "admin policy create store darkroom "*.json) test -r "$6" ;;
  "admin user add store "*) echo "$5" > /tmp/id && echo "$6" > /tmp/secret ;;
  "admin policy attach store darkroom --user "*)
    weed_shell s3.configure -apply -user "$7" -access_key "$(cat /tmp/id)" -secret_key "$(cat /tmp/secret)" \
      -buckets darkroom -actions Read,Write,List,Tagging ;;
  "ilm rule import store/darkroom") python3.12 -m json.tool ;;
  "cors set store/darkroom "*) python3.12 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$4" ;;
  *) echo "mc stand-in: unknown command: $*" >&2; exit 1 ;;
esac
