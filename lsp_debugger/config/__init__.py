"""Settings: what they are (settings.py), what a value may be (values.py), where they come from (load.py)."""

from lsp_debugger.config.load import REPOSITORY_FILE, Layer, Loaded, Origin, load
from lsp_debugger.config.settings import SETTINGS, Setting, Settings, Value

__all__ = ["REPOSITORY_FILE", "SETTINGS", "Layer", "Loaded", "Origin", "Setting", "Settings", "Value", "load"]
