"""One module a verb, each with HELP and run(args) -> exit code; app.py finds and calls them."""
