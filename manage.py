#!/usr/bin/env python3
"""The command line of the console: finds or starts the engines, then hands over to Django."""

import os
import sys

from django.core.management import execute_from_command_line

from console import engines


def needs_engines(arguments: list[str]) -> bool:
    """Commands that only read files start no database: it would cost a second and teach nothing."""
    if not arguments or "--help" in arguments or "-h" in arguments:
        return False
    match arguments[0]:
        case "help" | "version" | "--version" | "state_diagram":
            return False
        case "load_plans":
            return "--check" not in arguments
        case "classify":
            return "--published" in arguments
        case _:
            return True


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    if needs_engines(sys.argv[1:]):
        try:
            engines.attach()
        except engines.EngineError as error:
            sys.exit(f"{error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
