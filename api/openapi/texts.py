"""What the OpenAPI document says about the API as a whole."""

DESCRIPTION = """Upload an image, choose filters, download the result.

Sign in with `POST /v1/sessions` and send the token as `Authorization: Bearer <token>`. Programs use
an API key, made with `POST /v1/api-keys`, in its place. Errors are RFC 9457 problem
details with a stable `code`; every response carries an `X-Request-ID`.
"""
TAGS = [
    {"name": "users", "description": "Accounts."},
    {"name": "sessions", "description": "Signing in and out."},
    {"name": "api-keys", "description": "Keys for programs. They are not valid for accounts, sessions and keys."},
    {"name": "filters", "description": "The catalogue of filters and looks."},
    {"name": "images", "description": "Source images, uploaded once and used by many tasks."},
    {"name": "presets", "description": "Named pipelines with output options, in versions."},
    {"name": "tasks", "description": "An image, a pipeline and its output."},
    {"name": "delivery", "description": "Images by signed URL, rendered when they are asked for."},
    {"name": "previews", "description": "Small outputs at once, rendered from a small copy of the image."},
    {"name": "objects", "description": "Downloads by signed link, where objects are stored as files."},
    {"name": "health", "description": "Probes and metrics."},
]
