"""The plan files of a folder, read together: documents, or every mistake in any of them."""

from pathlib import Path

from playbooks import planfile
from playbooks.mistakes import Mistake
from playbooks.planfile import PlanDocument


def read_folder(folder: Path) -> tuple[list[PlanDocument], list[Mistake]]:
    """Every `*.yaml` of the folder in name order. Raises FileNotFoundError where there is no such folder."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    documents: list[PlanDocument] = []
    mistakes: list[Mistake] = []
    taken: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        name = str(path)
        found = planfile.read(path.read_bytes(), file=name)
        mistakes.extend(found.mistakes)
        if found.document is None:
            continue
        documents.append(found.document)
        for key in (f"plan {found.document.key}", *(one.key for one in found.document.playbooks)):
            if key in taken:
                reason = (f"“{key}”已在 {taken[key]} 中定义", f"{key} is already defined in {taken[key]}")
                mistakes.append(Mistake(name, 1, key, *reason))
            taken.setdefault(key, name)
    return documents, mistakes
