"""Settings to real objects: the one place that names concrete classes.

Opening a session is cheap; a part that is heavy (models, policy patterns, the index worker) is made
when it is first needed, and off the loop.
"""

from lsp_debugger.wiring.session import Session, open_session

__all__ = ["Session", "open_session"]
