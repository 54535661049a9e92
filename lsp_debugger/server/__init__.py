"""The protocol's edge: LSP types come in here and go no further."""
