"""`manage.py first_admin USERNAME`: makes the account an empty console is set up with."""

import secrets
from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Makes an administrator who may do everything, with a generated password unless one is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--password", default="", help="left out, one is generated and printed")

    def handle(self, *_args: object, **options: str) -> None:
        users = get_user_model()._default_manager
        username = options["username"]
        if users.filter(username=username).exists():
            raise CommandError(f"There is a user {username} already; change the password with changepassword.")
        password = options["password"] or secrets.token_urlsafe(12)
        users.create_superuser(username=username, password=password)
        self.stdout.write(f"Administrator {username} made.")
        if not options["password"]:
            self.stdout.write(f"Password, shown only now: {password}")
