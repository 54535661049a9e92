"""A language server that explains problems on the machine they happen on."""

__version__ = "0.1.0"
