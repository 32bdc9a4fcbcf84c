"""The transports: every module in this folder is loaded, and registers the channel it serves."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
