"""Options of the client that transfers whole objects."""

import pytest

from storage.objects.s3_client import S3Account, transfer_client


@pytest.mark.parametrize(
    ("endpoint_url", "unsigned"),
    [
        ("http://127.0.0.1:8333", True),
        ("http://[::1]:8333", True),
        ("http://localhost:8333", True),
        ("https://s3.example.com", True),
        ("http://minio.internal:9000", False),
        ("http://10.0.0.5:9000", False),
    ],
)
def test_bodies_are_signed_where_somebody_could_change_them(endpoint_url: str, *, unsigned: bool) -> None:
    account = S3Account(endpoint_url=endpoint_url, region="us-east-1", access_key_id="a", secret_access_key="b")
    config = transfer_client(account, bucket="images").config
    assert str(config["unsigned_payload"]).lower() == str(unsigned).lower()
