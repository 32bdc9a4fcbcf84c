#!/usr/bin/env python3
"""The command line of the console: finds or starts the engines, then hands over to Django."""

import os
import sys

from django.core.management import execute_from_command_line

from console import engines

# These commands read files only; starting a database for them would cost a second and teach nothing.
NO_ENGINES = {"help", "--help", "--version", "version", "classify", "makemessages", "compilemessages"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    if len(sys.argv) > 1 and sys.argv[1] not in NO_ENGINES and "--help" not in sys.argv:
        try:
            engines.attach()
        except engines.EngineError as error:
            sys.exit(f"{error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
