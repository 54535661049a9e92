"""A proposed edit, read and put in its place, and what can be proven about the result."""
