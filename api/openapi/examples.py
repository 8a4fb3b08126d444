"""Examples of JSON bodies and answers, by the name of their schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.schemas import FiltersView, FilterView, LookView
from imaging import OutputOptions, describe_catalogue, describe_looks

type Json = dict[str, Any]

_AT, _LATER, _EXPIRES = "2026-11-30T09:12:17.525000Z", "2026-11-30T09:12:18.204000Z", "2026-12-30T09:12:18.204000Z"
_IMAGE_ID, _TASK_ID = "01a22bb9-f724-7554-8ee0-7a0fb4994f55", "01a22bb9-f81c-7e98-b40e-4f134f740437"
_KEY_ID, _SESSION_ID = "01a22bba-f40d-7767-90d0-f887e123c8e6", "01a22bba-efdb-7339-8167-4c374400d884"
_SHA256 = "8ae0ca1bb471e7492accce7787f7125692c79a9ddedfe0a414aff5053597b040"
_LINK = "https://images.example.com/v1/objects/{}?expires=1796030237&signature=8d1a7a9aa18424027c44477db1b1b339"
_SIGN_IN = {"email": "me@example.com", "password": "correct horse"}
_STEPS, _OUTPUT = [{"filter": "blur", "sigma": 2.0}], {"format": "webp", "quality": 80}
_OPTIONS = OutputOptions.model_validate(_OUTPUT).model_dump(mode="json")
_LABELS = {"reference": "order-7", "tags": ["shop"]}
_IMAGE = {
    "image_id": _IMAGE_ID,
    "format": "jpeg",
    "bytes": 481_213,
    "sha256": _SHA256,
    "file_name": "cat.jpg",
    **_LABELS,
    "created_at": _AT,
    "expires_at": None,
}
_TASK = {
    "task_id": _TASK_ID,
    "status": "succeeded",
    "attempt": 1,
    "image_id": _IMAGE_ID,
    "pipeline": _STEPS,
    "output_options": _OPTIONS,
    "preset": None,
    **_LABELS,
    "disposition": "attachment",
    "created_at": _AT,
    "started_at": _AT,
    "finished_at": _LATER,
    "expires_at": _EXPIRES,
    "error": None,
    "output": {
        "url": _LINK.format(f"outputs/{_TASK_ID}"),
        "url_expires_at": "2026-11-30T09:17:17Z",
        "format": "webp",
        "width": 1200,
        "height": 800,
        "bytes": 48_213,
        "sha256": _SHA256,
        "file_name": "cat-blur.webp",
    },
    "analysis": None,
    "warnings": [],
    "render_report": None,
}
_KEY = {
    "key_id": _KEY_ID,
    "name": "nightly import",
    "prefix": "dk_C2ztSBF1",
    "scopes": ["read", "write"],
    "created_at": _AT,
    "expires_at": None,
    "last_used_at": None,
}
_PRESET = {
    "name": "thumbnail",
    "version": 3,
    "reference": "@thumbnail.v3",
    "pipeline": [{"filter": "thumbnail", "size": 160}],
    "output_options": _OPTIONS,
    "created_at": _AT,
}
_SESSION = {
    "session_id": _SESSION_ID,
    "label": "curl/8.14.1",
    "current": True,
    "created_at": _AT,
    "last_used_at": _LATER,
    "expires_at": "2026-11-30T09:42:18.204000Z",
}
_DELIVERY_KEY = {"key_id": _KEY_ID, "key": _KEY_ID.replace("-", ""), "created_at": _AT}
_DEPENDENCIES = dict.fromkeys(("database", "object_store", "session_store", "broker"), "ok")


def _catalogue() -> Json:
    """Return one filter and one look of the many."""
    first, look = describe_catalogue()[0], next(iter(describe_looks()))
    view = FiltersView(items=[FilterView(**first)], looks=[LookView(**look)])
    return view.model_dump(mode="json")


EXAMPLES: Mapping[str, Json] = {
    "NewUserBody": _SIGN_IN,
    "NewSessionBody": _SIGN_IN,
    "PasswordBody": {"password": "correct horse"},
    "NewPasswordBody": {"password": "correct horse", "new_password": "battery staple"},
    "NewApiKeyBody": {"name": "nightly import", "scopes": ["read", "write"]},
    "NewTaskBody": {"image_id": _IMAGE_ID, "pipeline": _STEPS, "output": _OUTPUT, **_LABELS},
    "PresetBody": {"pipeline": [{"filter": "thumbnail", "size": 160}], "output": _OUTPUT},
    "PreviewBody": {"image_id": _IMAGE_ID, "pipeline": _STEPS, "max_side": 600},
    "NewDeliveryUrlBody": {"image_id": _IMAGE_ID, "pipeline": "@thumbnail", "output": {"format": "auto"}},
    "UserView": {"user_id": _SESSION_ID, "email": "me@example.com", "created_at": _AT},
    "NewSessionView": {
        "token": "32oQQGqKxKigKCaAw39hPX-PO6U52ajxVDGzmVxax-8",
        "token_type": "Bearer",
        "session_id": _SESSION_ID,
        "expires_at": _LATER,
        "device_token": None,
    },
    "SessionsView": {"items": [_SESSION]},
    "ApiKeysView": {"items": [_KEY]},
    "NewApiKeyView": {**_KEY, "key": "dk_C2ztSBF1WJGUWGLH45Y2xAOQaFRoqExBy19M2PkUnws"},
    "FiltersView": _catalogue(),
    "ImageView": _IMAGE,
    "LinkedImageView": {
        **_IMAGE,
        "url": _LINK.format(f"sources/{_IMAGE_ID}"),
        "url_expires_at": "2026-11-30T09:17:17Z",
    },
    "PageView_ImageView_": {"items": [_IMAGE], "next_cursor": None},
    "PresetView": _PRESET,
    "PageView_PresetView_": {"items": [_PRESET], "next_cursor": None},
    "TaskView": _TASK,
    "PageView_TaskView_": {"items": [_TASK], "next_cursor": None},
    "DeletedView": {"deleted": 2, "has_more": False},
    "DeliveryKeysView": {"items": [_DELIVERY_KEY]},
    "NewDeliveryKeyView": {**_DELIVERY_KEY, "secret": "32oQQGqKxKigKCaAw39hPX-PO6U52ajxVDGzmVxax-8"},
    "DeliveryUrlView": {
        "url": f"https://images.example.com/i/{_KEY_ID.replace('-', '')}.pXxuzYeNL-rC8qVO/@thumbnail/{_IMAGE_ID}.auto",
        "expires_at": None,
    },
    "HealthView": {"status": "ok", "dependencies": _DEPENDENCIES},
}


def add_examples(operations: Iterator[Json]) -> None:
    """Give each JSON body and answer the example of its schema."""
    for operation in operations:
        for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
            media_type = holder.get("content", {}).get("application/json", {})
            if name := media_type.get("schema", {}).get("$ref", "").rpartition("/")[2]:
                media_type["example"] = EXAMPLES[name]
