"""Versions and drafts in the browser: who may, what is stored, what is refused, and that nothing typed is lost."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from incident.models import Incident
from planroom import drafts
from planroom.models import PlanEvent
from playbooks import library, models, planfile, storing
from staffing import granting
from staffing.models import Site, User
from tests.planroom.law_texts import PLAN, edited

CHANGED = edited(("minutes: 5", "minutes: 3"))
BROKEN = PLAN.replace("minutes: 5", "minutes: soon")
State = models.PlanVersion.State


def read(text):
    return planfile.read(text).document


@pytest.fixture
def plan(world, now):
    """The sample plan in force at the call centre."""
    Site.objects.filter(key="callcentre").update(plans=["HJ", "TP"])
    return storing.publish(storing.draft(read(PLAN), now=now), by=None, now=now).plan


@pytest.fixture
def bert(callcentre):
    """Administers the call centre beside ada."""
    user = User.objects.create_user("bert", password="bert-demo", name="示例管理员AE", is_staff=True)
    granting.grant(user, callcentre, "admin")
    return user


@pytest.fixture
def browse(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def draft(plan, ada, now):
    return drafts.create(plan=plan, actor=ada, now=now, source=CHANGED, file="TP.yaml")


@pytest.fixture
def submitted(draft, ada, now):
    return drafts.submit(version_id=draft.pk, actor=ada, now=now, seen=draft.digest, note="缩短查看时限")


def at(name, *more):
    return reverse(name, args=["TP", *more])


def words(answer):
    return answer.content.decode()


def upload(client, content, name="TP.yaml"):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(at("plan-upload"), {"file": SimpleUploadedFile(name, data, content_type="text/yaml")})


def step(client, version, name, **typed):
    return client.post(at("plan-step", version.number, name), {"seen": version.digest, **typed})


class TestReading:
    def test_the_list_with_state_people_and_digest(self, draft, plan, browse, ada):
        said = words(browse(ada).get(at("plan-versions")))
        assert "第 1 版" in said and "第 2 版" in said
        assert "现行" in said and "草案" in said and str(ada) in said
        assert draft.digest[:12] in said

    def test_a_member_reads_and_is_offered_nothing(self, draft, browse, vera):
        said = words(browse(vera).get(at("plan-versions")))
        assert "第 2 版" in said and "plan-upload" not in said and at("plan-draft") not in said

    @pytest.mark.parametrize("name", ["plan-versions", "plan-draft", "plan-lint", "plan-upload"])
    def test_an_outsider_learns_nothing(self, plan, browse, eve, name):
        client = browse(eve)
        assert {client.get(at(name)).status_code, client.post(at(name)).status_code} <= {404, 405}

    def test_a_draft_is_for_administrators(self, draft, browse, vera):
        client = browse(vera)
        for name in ("plan-version", "plan-file", "plan-edit", "plan-replay"):
            assert client.get(at(name, 2)).status_code == 403, name

    @pytest.mark.parametrize("number", [9, 2**31, 10**30])
    def test_a_version_that_is_not_there(self, plan, browse, ada, number):
        assert browse(ada).get(at("plan-version", number)).status_code == 404

    def test_the_file_is_the_very_text(self, plan, browse, vera):
        answer = browse(vera).get(at("plan-file", 1))
        assert answer.content == PLAN.encode()
        assert answer["Content-Type"] == "text/yaml; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="TP-v1.yaml"'
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_restricted_words_are_not_for_those_who_only_look(self, plan, now, browse, vera, omar):
        hidden = edited(("        minutes: 5\n", "        minutes: 5\n        restricted: yes\n"))
        storing.publish(storing.draft(read(hidden), now=now), by=None, now=now)
        assert browse(vera).get(at("plan-file", 2)).status_code == 403
        assert browse(vera).get(at("plan-file", 1)).status_code == 200
        assert browse(omar).get(at("plan-file", 2)).status_code == 200

    def test_english(self, submitted, browse, ada):
        ada.language = "en"
        ada.save(update_fields=["language"])
        client = browse(ada)
        for name, more in (("plan-versions", ()), ("plan-version", (2,)), ("plan-edit", (2,)), ("plan-replay", (2,))):
            said = words(client.get(at(name, *more)))
            assert 'lang="en"' in said, name
            own = re.sub(
                r"<textarea.*?</textarea>|<code>.*?</code>|<del>.*?</del>|<ins>.*?</ins>", "", said, flags=re.S
            )
            assert re.findall(r"第|版|草案|差别|记录", own.split("<main")[1]) == [], name


class TestDrafting:
    def test_the_editor_begins_with_the_law_in_force(self, plan, browse, ada):
        said = words(browse(ada).get(at("plan-draft")))
        assert "zh: 查看现场" in said and 'name="seen" value=""' in said

    def test_a_text_becomes_a_draft(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-draft"), {"text": CHANGED.replace("\n", "\r\n")})
        assert answer.status_code == 303
        version = plan.versions.get(number=2)
        assert (version.state, version.source_text, version.drafted_by) == ("draft", CHANGED, ada)
        assert PlanEvent.objects.get(version_row=version.pk).kind == "drafted"

    def test_htmx_is_led_there(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-draft"), {"text": CHANGED}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Redirect"]) == (204, at("plan-version", 2))

    def test_a_text_with_mistakes_is_not_stored_and_comes_back(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-draft"), {"text": BROKEN})
        assert answer.status_code == 422
        said = words(answer)
        line = next(place for place, line in enumerate(BROKEN.splitlines(), 1) if "soon" in line)
        assert "minutes: soon" in said and f'data-line="{line}"' in said
        assert "playbooks[TP-1].duties[TP-1-01].minutes" in said
        assert plan.versions.count() == 1

    def test_the_law_itself_is_no_draft(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-draft"), {"text": PLAN})
        assert answer.status_code == 422
        assert "没有差别" in words(answer)
        assert plan.versions.count() == 1

    def test_another_plan_is_refused(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-draft"), {"text": PLAN.replace("key: TP,", "key: TQ,")})
        assert answer.status_code == 422 and "不是 TP" in words(answer)

    def test_a_playbook_of_another_plan_is_refused(self, plan, law, browse, ada):
        text = PLAN.replace("key: TP-1\n", "key: HJ-2\n")
        answer = browse(ada).post(at("plan-draft"), {"text": text})
        assert answer.status_code == 422 and "预案 HJ" in words(answer)

    def test_only_administrators(self, plan, browse, dana):
        client = browse(dana)
        assert client.get(at("plan-draft")).status_code == 403
        assert client.post(at("plan-draft"), {"text": CHANGED}).status_code == 403
        assert client.post(at("plan-lint"), {"text": CHANGED}).status_code == 403
        assert upload(client, CHANGED).status_code == 403
        assert plan.versions.count() == 1

    def test_what_is_published_is_not_edited_but_drafted_from(self, plan, browse, ada):
        client = browse(ada)
        assert client.get(at("plan-edit", 1))["Location"] == at("plan-draft") + "?from=1"
        answer = client.post(at("plan-edit", 1), {"text": CHANGED, "seen": plan.versions.get().digest})
        assert answer.status_code == 409 and "minutes: 3" in words(answer)
        assert plan.versions.get().source_text == PLAN

    def test_a_draft_is_changed(self, draft, browse, ada):
        text = edited(("minutes: 5", "minutes: 2"))
        assert browse(ada).post(at("plan-edit", 2), {"text": text, "seen": draft.digest}).status_code == 303
        draft = models.PlanVersion.objects.get(pk=draft.pk)
        assert draft.source_text == text
        assert models.DutyRule.objects.get(playbook__version=draft, key="TP-1-01").minutes == 2
        assert models.Playbook.objects.filter(version=draft).count() == 1

    def test_two_write_at_once_and_nothing_is_lost(self, draft, browse, ada, bert):
        theirs, mine = edited(("minutes: 5", "minutes: 2")), edited(("minutes: 5", "minutes: 1"))
        assert browse(bert).post(at("plan-edit", 2), {"text": theirs, "seen": draft.digest}).status_code == 303
        answer = browse(ada).post(at("plan-edit", 2), {"text": mine, "seen": draft.digest})
        said = words(answer)
        assert answer.status_code == 409
        assert str(bert) in said and "minutes: 1" in said.split("<textarea")[1]
        kept = models.PlanVersion.objects.get(pk=draft.pk)
        assert kept.source_text == theirs
        again = browse(ada).post(at("plan-edit", 2), {"text": mine, "seen": draft.digest, "over": kept.digest})
        assert again.status_code == 303
        assert models.PlanVersion.objects.get(pk=draft.pk).source_text == mine

    def test_a_draft_gone_meanwhile_leaves_the_text(self, draft, browse, ada, now):
        drafts.discard(version_id=draft.pk, actor=ada, now=now, seen=draft.digest, note="不要了")
        answer = browse(ada).post(at("plan-edit", 2), {"text": CHANGED, "seen": draft.digest})
        assert answer.status_code == 409
        assert "minutes: 3" in words(answer) and f'action="{at("plan-draft")}"' in words(answer)

    def test_a_change_takes_a_submitted_draft_back(self, submitted, browse, ada):
        text = edited(("minutes: 5", "minutes: 2"))
        browse(ada).post(at("plan-edit", 2), {"text": text, "seen": submitted.digest})
        assert models.PlanVersion.objects.get(pk=submitted.pk).submitted_at is None


class TestUploading:
    def test_a_good_file(self, plan, browse, ada):
        assert upload(browse(ada), CHANGED).status_code == 303
        assert plan.versions.get(number=2).source_text == CHANGED

    def test_mistakes_with_file_and_line_and_the_text_to_put_right(self, plan, browse, ada):
        answer = upload(browse(ada), BROKEN, "mine.yaml")
        said = words(answer)
        assert answer.status_code == 422
        assert "mine.yaml" in said and "minutes: soon" in said.split("<textarea")[1]
        assert plan.versions.count() == 1

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe\x00", b"- a\n", b"x" * 1_000_001, "格式：1".encode(), b"a: &x [*x]\n", b"\x89PNG\r\n"],
    )
    def test_anything_else_is_refused_in_words(self, plan, browse, ada, content):
        answer = upload(browse(ada), content)
        assert answer.status_code == 422
        assert 'role="alert"' in words(answer)
        assert plan.versions.count() == 1

    def test_no_file(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-upload"))
        assert answer.status_code == 422 and "请先选择" in words(answer)

    def test_a_download_sent_back_makes_no_difference(self, plan, browse, ada):
        client = browse(ada)
        taken = client.get(at("plan-file", 1)).content
        answer = upload(client, taken)
        assert answer.status_code == 422 and "没有差别" in words(answer)
        assert plan.versions.count() == 1

    @pytest.mark.parametrize("key", ["HJ", "KF"])
    def test_so_with_every_shipped_plan_the_admin_has(self, world, browse, ada, key):
        client = browse(ada)
        newest = models.Plan.objects.get(key=key).versions.get(state="published")
        taken = client.get(reverse("plan-file", args=[key, newest.number])).content
        assert planfile.read(taken).document.digest == newest.digest
        sent = {"file": SimpleUploadedFile("x.yaml", taken)}
        assert "没有差别" in words(client.post(reverse("plan-upload", args=[key]), sent))


class TestLinting:
    def test_a_fragment_and_nothing_stored(self, plan, browse, ada):
        answer = browse(ada).post(at("plan-lint"), {"text": BROKEN})
        assert answer.status_code == 200
        assert 'id="plan-findings"' in words(answer) and 'data-line="' in words(answer) and "<html" not in words(answer)
        assert plan.versions.count() == 1

    def test_people_count(self, plan, browse, ada):
        said = words(browse(ada).post(at("plan-lint"), {"text": PLAN}))
        assert "无人担任“班长”" in said

    @pytest.mark.parametrize("text", ["", "{", "plan: " + "[" * 5000, "\ud800"])
    def test_never_an_error(self, plan, browse, ada, text):
        sent = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        assert browse(ada).post(at("plan-lint"), {"text": sent}).status_code == 200


class TestApproving:
    def test_from_draft_to_law(self, draft, browse, ada, bert, law):
        client = browse(ada)
        said = words(client.get(at("plan-version", 2)))
        assert "预案时限" in said and "5 分钟" in said and "3 分钟" in said
        assert step(client, draft, "submit", note="现场查看缩短为 3 分钟").status_code == 303
        client = browse(bert)
        said = words(client.get(at("plan-version", 2)))
        assert "现场查看缩短为 3 分钟" in said and "批准并发布" in said
        assert step(client, draft, "publish").status_code == 303
        version = models.PlanVersion.objects.get(pk=draft.pk)
        assert (version.state, version.published_by, version.drafted_by) == ("published", bert, ada)
        assert library.find("TP", "TP-1").duty("TP-1-01").minutes == 3
        kinds = PlanEvent.objects.filter(version_row=draft.pk).order_by("id").values_list("kind", "by_name")
        assert list(kinds) == [("drafted", str(ada)), ("submitted", str(ada)), ("published", str(bert))]
        assert "批准发布" in words(client.get(at("plan-versions")))

    def test_it_takes_two(self, submitted, browse, ada):
        answer = step(browse(ada), submitted, "publish")
        assert answer.status_code == 403 and "另一位管理员" in words(answer)
        assert models.PlanVersion.objects.get(pk=submitted.pk).state == "draft"

    def test_for_a_superuser_too(self, plan, now, browse):
        root = User.objects.create_superuser("root", password="root-demo")
        draft = drafts.create(plan=plan, actor=root, now=now, source=CHANGED, file="TP.yaml")
        drafts.submit(version_id=draft.pk, actor=root, now=now, seen=draft.digest, note="改")
        assert step(browse(root), draft, "publish").status_code == 403

    def test_nor_may_who_changed_it_on_the_way(self, draft, browse, ada, bert, now):
        text = edited(("minutes: 5", "minutes: 2"))
        version = drafts.save(version_id=draft.pk, actor=bert, now=now, text=text, seen=draft.digest)
        drafts.submit(version_id=draft.pk, actor=bert, now=now, seen=version.digest, note="改")
        for user in (ada, bert):
            assert step(browse(user), version, "publish").status_code == 403

    def test_the_tables_refuse_it_too(self, submitted, ada, now):
        with pytest.raises(storing.OwnDraft):
            storing.publish(submitted, by=ada, now=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            models.PlanVersion.objects.filter(pk=submitted.pk).update(
                state="published", published_at=now, published_by=ada
            )

    def test_only_administrators(self, submitted, browse, dana):
        for name in ("submit", "publish", "send-back", "discard"):
            assert step(browse(dana), submitted, name, note="x").status_code == 403
        assert models.PlanVersion.objects.get(pk=submitted.pk).state == "draft"

    def test_what_was_not_submitted_is_not_published(self, draft, browse, bert):
        answer = step(browse(bert), draft, "publish")
        assert answer.status_code == 409 and "还没有提交" in words(answer)

    def test_what_changed_since_it_was_read_is_not_published(self, submitted, browse, bert):
        answer = browse(bert).post(at("plan-step", 2, "publish"), {"seen": "0" * 64})
        assert answer.status_code == 409
        assert models.PlanVersion.objects.get(pk=submitted.pk).state == "draft"

    def test_twice(self, submitted, browse, bert):
        client = browse(bert)
        assert step(client, submitted, "publish").status_code == 303
        answer = step(client, submitted, "publish")
        assert answer.status_code == 409 and "已经发布" in words(answer)

    @pytest.mark.parametrize("name", ["submit", "discard"])
    @pytest.mark.parametrize("note", ["", "  ", "x" * 2001])
    def test_a_step_wants_its_reason_and_keeps_what_was_typed(self, draft, browse, ada, name, note):
        answer = step(browse(ada), draft, name, note=note)
        assert answer.status_code == 422
        assert note.strip() in words(answer)
        assert models.PlanVersion.objects.filter(pk=draft.pk, submitted_at=None).exists()

    def test_sent_back_with_a_reason(self, submitted, browse, bert):
        client = browse(bert)
        assert step(client, submitted, "send-back").status_code == 422
        assert step(client, submitted, "send-back", note="时限太短").status_code == 303
        assert models.PlanVersion.objects.get(pk=submitted.pk).submitted_at is None
        assert "时限太短" in words(client.get(at("plan-version", 2)))

    def test_discarded_with_a_reason_and_its_text_stays_in_the_record(self, draft, browse, ada):
        assert step(browse(ada), draft, "discard", note="不需要了").status_code == 303
        assert not models.PlanVersion.objects.filter(pk=draft.pk).exists()
        event = PlanEvent.objects.get(kind="discarded")
        assert (event.note, event.text) == ("不需要了", CHANGED)

    def test_a_published_version_is_never_discarded(self, plan, browse, ada):
        answer = step(browse(ada), plan.versions.get(), "discard", note="x")
        assert answer.status_code == 409
        assert plan.versions.count() == 1

    def test_an_overtaken_draft_takes_the_next_number(self, draft, plan, ada, bert, now, browse):
        other = drafts.create(plan=plan, actor=bert, now=now, source=edited(("minutes: 10", "minutes: 9")), file="x")
        drafts.submit(version_id=other.pk, actor=bert, now=now, seen=other.digest, note="改")
        drafts.publish(version_id=other.pk, actor=ada, now=now, seen=other.digest)
        assert "第 3 版已经发布" in words(browse(ada).get(at("plan-version", 2)))
        version = drafts.submit(version_id=draft.pk, actor=ada, now=now, seen=draft.digest, note="改")
        assert version.number == 4
        drafts.publish(version_id=draft.pk, actor=bert, now=now, seen=draft.digest)
        assert library.find("TP", "TP-1").duty("TP-1-01").minutes == 3

    def test_one_overtaken_after_its_submission_is_not_published(self, submitted, plan, ada, bert, now, browse):
        other = drafts.create(plan=plan, actor=ada, now=now, source=edited(("minutes: 10", "minutes: 9")), file="x")
        drafts.submit(version_id=other.pk, actor=ada, now=now, seen=other.digest, note="改")
        drafts.publish(version_id=other.pk, actor=bert, now=now, seen=other.digest)
        answer = step(browse(bert), submitted, "publish")
        assert answer.status_code == 409 and "第 3 版已经发布" in words(answer)

    def test_rows_changed_behind_its_back_are_not_published(self, submitted, bert, now):
        models.DutyRule.objects.filter(playbook__version=submitted, key="TP-1-01").update(minutes=99)
        drafts.publish(version_id=submitted.pk, actor=bert, now=now, seen=submitted.digest)
        assert library.find("TP", "TP-1").duty("TP-1-01").minutes == 3

    def test_an_unknown_step(self, draft, browse, ada):
        assert step(browse(ada), draft, "enact").status_code == 404


class TestRunningIncidents:
    def test_they_stay_on_their_version_and_new_ones_take_the_new_one(
        self, submitted, bert, omar, now, browse, callcentre
    ):
        client = browse(omar)
        old = library.find("TP", "TP-1")
        form = {"site": callcentre.pk, "playbook": old.id, "client_key": "7f0c5a76-0001-4000-8000-000000000001"}
        assert client.post("/desk/", form).status_code == 303
        running = Incident.objects.get(playbook_id=old.id)
        drafts.publish(version_id=submitted.pk, actor=bert, now=now, seen=submitted.digest)
        new = library.find("TP", "TP-1")
        assert new.id != old.id and new.version_number == 2
        assert f'value="{new.id}"' in words(client.get("/desk/playbooks/", {"q": "TP-1", "site": callcentre.pk})) or (
            str(new.id) in words(client.get("/desk/"))
        )
        assert Incident.objects.get(pk=running.pk).playbook_id == old.id
        assert library.playbook(running.playbook_id).duty("TP-1-01").minutes == 5
        assert client.get(reverse("room", args=[running.number])).status_code == 200
        form |= {"playbook": new.id, "client_key": "7f0c5a76-0001-4000-8000-000000000002"}
        assert client.post("/desk/", form).status_code == 303


class TestTheRecord:
    def test_it_is_neither_changed_nor_deleted(self, draft):
        event = PlanEvent.objects.get(version_row=draft.pk)
        for act in (
            event.delete,
            lambda: event.save(force_update=True),
            lambda: PlanEvent.objects.update(note="x"),
            lambda: PlanEvent.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
                act()

    def test_a_published_version_is_neither_rewritten_nor_taken_back(self, plan, ada, now):
        version = plan.versions.get()
        with pytest.raises(storing.NotADraft):
            storing.rewrite(version, read(CHANGED))
        for change in ({"submitted_at": now}, {"drafted_by": ada}, {"number": 7}, {"source_text": "x"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                models.PlanVersion.objects.filter(pk=version.pk).update(**change)
        assert models.PlanVersion.objects.get(pk=version.pk).state == State.PUBLISHED


class TestReplayPage:
    def test_it_says_what_would_change(self, draft, plan, browse, ada, omar, dana, now, minutes, callcentre, report):
        from_desk = library.find("TP", "TP-1")
        browse(omar).post(
            "/desk/",
            {
                "site": callcentre.pk,
                "playbook": from_desk.id,
                "client_key": "7f0c5a76-0001-4000-8000-000000000003",
            },
        )
        incident = Incident.objects.get(playbook_id=from_desk.id)
        answer = browse(dana).post(
            reverse("room-step", args=[incident.number, "cancel"]), {"reason": "误报", "seen": incident.revision}
        )
        assert Incident.objects.get(pk=incident.pk).state == "cancelled", answer.status_code
        said = words(browse(ada).get(at("plan-replay", 2)))
        assert incident.number in said and "会改期" in said

    def test_nothing_to_run(self, draft, browse, ada):
        assert "还没有结束的事件" in words(browse(ada).get(at("plan-replay", 2), {"page": "x"}))
