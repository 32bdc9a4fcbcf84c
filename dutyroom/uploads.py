"""Files between their preview and their import: kept an hour, used once, carried out as a whole or not at all."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from dutyroom import door
from dutyroom.models import Upload
from incident.live import topics
from incident.refusals import Invalid, NotNow
from staffing import rights
from staffing.exchange import files, tables
from staffing.exchange.tables import Preview
from staffing.models import Site, User

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

KEPT_FOR = timedelta(hours=1)
# Who may bring in what.
VERBS = {"people": rights.STAFF, "contacts": rights.STAFF, "shifts": rights.ROSTER}
REGIONS = frozenset({"live-duty", "live-coverage"})


def allowed(user: User, site: Site) -> list[str]:
    """The kinds of tables that the user may import at the site."""
    return [kind for kind, verb in VERBS.items() if rights.is_allowed(user, verb, site.pk)]


def keep(sent: "UploadedFile | None", *, site: Site, kind: str, owner: User, now: datetime) -> Upload:
    """Keep a file that can be read at all, in place of an earlier one. Raises Denied, Invalid, UnreadableError."""
    if kind not in VERBS:
        raise Invalid({"kind": _("请选择要导入什么。")})
    door.need(owner, site.pk, VERBS[kind])
    if sent is None:
        raise Invalid({"file": _("请先选择一个文件（xlsx 或 CSV）。")})
    files.check_size(sent.size or 0)
    source = sent.read()
    tables.look(source, site=site, kind=kind, now=now)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)  # a second press waits for the first
        Upload.objects.filter(expires_at__lte=now).delete()
        values = {
            "name": _name(sent.name),
            "source": source,
            "at": now,
            "expires_at": now + KEPT_FOR,
        }
        Upload.objects.filter(site=site, owner=owner, kind=kind).delete()  # the page of the earlier one says so
        return Upload.objects.create(site=site, owner=owner, kind=kind, **values)


def find(upload_id: int, user: User, now: datetime) -> Upload:
    """The user's own file, while it is kept. Raises Http404 for who may import nothing, NotNow where it is gone."""
    mine = Upload.objects.select_related("site").filter(pk=upload_id, owner=user, expires_at__gt=now).first()
    if mine is None:
        if not any(rights.sites_with(user, verb) for verb in VERBS.values()):
            raise Http404
        raise NotNow(_("这份文件已经导入、已被另一份替换，或者超过一小时已删除。没有作任何改动，请重新上传。"))
    door.need(user, mine.site_id, VERBS[mine.kind])
    return mine


def preview(upload: Upload, now: datetime) -> Preview:
    """What the file would do now; writes nothing."""
    return tables.look(bytes(upload.source), site=upload.site, kind=upload.kind, now=now)


def carry_out(upload: Upload, *, actor: User, now: datetime, mark: str) -> Preview:
    """Import it whole, as the preview of this mark showed it. Raises NotNow, WorldChangedError: nothing was written."""
    with transaction.atomic():
        kept = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if kept is None:
            raise NotNow(_("这份文件刚刚已经导入，没有再导一次。"))
        done = tables.carry_out(
            bytes(kept.source), site=upload.site, kind=upload.kind, actor=actor, now=now, mark=mark
        )  # fmt: skip
        kept.delete()
        topics.touch({topics.site(upload.site_id): REGIONS})
    return done


def _name(name: str | None) -> str:
    return "".join(sign for sign in (name or _("未命名")) if sign.isprintable())[-120:]
