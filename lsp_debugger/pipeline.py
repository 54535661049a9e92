"""The flow of one question, from problem to what may be shown. See ARCHITECTURE.md for the picture."""
