"""The page at `/`: documents, modules and styles that browsers get as they are written, without a build step."""

from api.web.routes import install

__all__ = ["install"]
