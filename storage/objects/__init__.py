"""Sources and outputs: whole objects under keys, in files or on an S3 server."""
