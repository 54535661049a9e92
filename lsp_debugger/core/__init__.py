"""Values and contracts. Standard library only, no input or output."""
