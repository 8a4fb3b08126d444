"""The application in this process, over real storage: SQLite, fakeredis and files in a temporary directory."""
