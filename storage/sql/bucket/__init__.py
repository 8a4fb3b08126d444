"""The bucket as the database sees it: whose it is, and the orphans that were found in it."""
