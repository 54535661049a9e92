"""What can be said about Python code without running it: scopes, bindings, definitions, branches."""
