"""Notes mistakes of a playbook at the place in the file where the part stands, its own or the common one."""

from collections.abc import Iterable

from playbooks.mistakes import Ledger, hint
from playbooks.planreader import Joined


class Finder:
    """One playbook's view of the ledgers: its own parts go to the file's, common ones to the playbook's."""

    def __init__(self, joined: Joined, ledger: Ledger) -> None:
        self.joined, self.ledger = joined, ledger

    def wrong(self, part: str, rest: str, zh: str, en: str) -> None:
        """A mistake under `part` (`duties[KEY]`); `rest` leads on from there (`.post`)."""
        ledger = self.joined.ledger if part in self.joined.common else self.ledger
        ledger.add_at(self.joined.path(part) + rest, zh, en)

    def wrong_at(self, path: str, zh: str, en: str) -> None:
        self.ledger.add_at(path, zh, en)

    def known(self, part: str, rest: str, word: str, known: Iterable[str], what: tuple[str, str]) -> None:
        """Note a word that is not among the known ones, with the nearest of them; `what` names them in zh and en."""
        words = list(known)
        if word and word not in words:
            zh, en = hint(word, words)
            self.wrong(part, rest, f"未知的{what[0]}“{word}”{zh}", f"unknown {what[1]} {word}{en}")
