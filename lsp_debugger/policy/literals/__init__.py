"""Literals and comments: where they stand, what of them is hidden, and how they are written again."""
