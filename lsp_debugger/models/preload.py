"""Whether to load a model before somebody asks: only where it costs nobody anything."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_debugger.config import Settings

# What has to stay free for everything else after the model is loaded.
_SPARE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Preload:
    """A decision and its reason, one line for the log and `doctor`."""

    allowed: bool
    why: str


def preload_allowed(settings: Settings, *, at_start: bool, size_bytes: int = 0) -> Preload:
    """Decide for this moment. Looks at power and memory, so call it off the loop the first time.

    at_start: the editor has just opened; otherwise a first problem was seen.
    size_bytes: what the model needs, 0 when that is not known.
    """
    if settings.model_preload == "never":
        return Preload(False, "model.preload is never")
    if settings.model_preload == "start":
        return Preload(True, "model.preload is start")
    if at_start:
        return Preload(False, "the model is loaded when a first problem is seen")
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is not None and not battery.power_plugged:
        return Preload(False, "on battery")
    memory = psutil.virtual_memory()
    if memory.available - size_bytes < memory.total * _SPARE_SHARE:
        return Preload(False, "not enough memory to spare")
    return Preload(True, "on mains, with memory to spare")
