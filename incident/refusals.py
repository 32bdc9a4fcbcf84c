"""Anticipated refusals: named, with a status and a sentence that says what to do."""

from django.utils.translation import gettext as _


class Refusal(Exception):
    """An action that cannot be done; nothing was changed. `str()` is a sentence in the active language."""

    status = 409


class NotNow(Refusal):
    """The state does not allow the step; `missing` says what is needed first, one sentence each."""

    def __init__(self, sentence: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.missing = missing


class Stale(Refusal):
    """The page showed an older state than the one the step would act on."""

    def __init__(self) -> None:
        super().__init__(_("页面显示的情况已经变化，未作任何改动。请看过最新情况后再操作。"))


class AlreadyDone(Refusal):
    """Somebody did it first; nothing is recorded twice."""


class Invalid(Refusal):
    """Bad input; `fields` maps a form field to its sentence."""

    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class Denied(Refusal):
    """A member of the site without the right."""

    status = 403
