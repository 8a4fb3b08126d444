"""How much users may have in progress, and how large images may be."""

from pydantic import Field

from core.settings.group import SettingsGroup


class LimitSettings(SettingsGroup):
    max_open_tasks: int = Field(100_000, ge=1, description="Unfinished tasks of all users; above it 503.")
    max_open_tasks_per_user: int = Field(2_000, ge=1, description="Unfinished tasks of one user; above it 429.")
    max_uploads: int = Field(256, ge=1, description="Uploads at a time in one API process; above it 503.")
    max_uploads_per_user: int = Field(128, ge=1, description="Of these, one user's; above it 429.")
    concurrent_requests_per_user: int = Field(
        128, ge=1, description="Requests of one user in progress in one API process; above it 429."
    )
    concurrent_requests_per_address: int = Field(
        512, ge=1, description="The same for one client address. Name proxies in DARKROOM_TRUSTED_PROXIES."
    )
    waiting_requests_per_user: int = Field(
        100, ge=1, description="Event streams and `Prefer: wait` of one user, counted separately; above it 429."
    )
    waiting_requests_per_address: int = Field(1_000, ge=1, description="The same for one client address.")
    submissions_per_minute: int = Field(6_000, ge=1, description="New tasks and images of one user; above it 429.")
    previews_per_minute: int = Field(600, ge=1, description="Previews and thumbnails of one user; above it 429.")
    key_requests_per_minute: int = Field(6_000, ge=1, description="Requests with one API key; above it 429.")
    max_upload_bytes: int = Field(64 * 2**20, gt=0, description="Largest accepted image file.")
    max_image_pixels: int = Field(50_000_000, gt=0, description="Largest image, source and output, in pixels.")
    max_image_side: int = Field(16_384, gt=0, description="Longest side of an image, source and output, in pixels.")
    max_frames: int = Field(
        100, ge=1, le=10_000, description="Frames of an animation; all of them together have at most 50 million pixels."
    )
