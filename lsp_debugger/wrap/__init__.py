"""The joiner: one language server to the client, made of the real ones and, as just the last of them, ours.

Bytes of the real servers go through as they came and in order. Whatever becomes of ours, they are not
touched by it. Nothing here knows pygls: a message is looked into only where something is added to it.
"""
