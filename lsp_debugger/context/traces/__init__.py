"""Stack traces in text: a terminal's, a log's, a test report's. One file a language.

What a trace says is kept as it stands there: paths are not looked up, columns are only those that
are printed. `context/locate.py` maps frames to the workspace.
"""

from lsp_debugger.context.traces.python import parse
from lsp_debugger.context.traces.trace import Frame, Trace

__all__ = ["Frame", "Trace", "parse"]
