"""The SQL screen: an editor that completes, and the rows of its query in the table of all screens."""
