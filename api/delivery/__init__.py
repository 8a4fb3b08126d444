"""Images by signed URL, rendered when they are asked for."""
