"""Images by URL against thumbor and ipx, all reading the same S3 server."""
