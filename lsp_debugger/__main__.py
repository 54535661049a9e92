"""`python -m lsp_debugger`: the same as the console script."""

import sys

from lsp_debugger.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
