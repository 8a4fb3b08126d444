"""The application in this process, over real storage: SQLite, fakeredis and SeaweedFS in a temporary directory."""
