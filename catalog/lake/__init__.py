"""The lake: where things lie, connections, commits, copied bytes, making and migrating."""
