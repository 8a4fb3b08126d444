"""Previews of pipelines, and thumbnails: small outputs at once, for the owner of the image."""
