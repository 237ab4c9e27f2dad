"""What is done with a slice from the browser: it is saved, exported, annotated; and the jobs that do so."""
