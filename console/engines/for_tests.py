"""A pytest plugin (`-p console.engines.for_tests`): gives a test run engines of its own, also while the console is up.

It must be named on the command line or in `addopts`: pytest-django reads the settings before any conftest is loaded.
"""

import os

from console import engines
from console.engines import folders

if "CONSOLE_HOME" not in os.environ:
    console_home = folders.locate_home(None)
    folders.prepare_home(console_home)
    os.environ["CONSOLE_HOME"] = str(console_home / "tests")
engines.attach()
