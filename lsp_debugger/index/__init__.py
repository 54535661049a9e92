"""The code index: chunks of the workspace in a table, kept by a process of its own."""
