"""Forms of the admin with what a database constraint cannot say, each refusal in one sentence."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from staffing.models import Contact, Holder, Membership, Person, Post, Site

MOST_NEXT = 50  # posts that a call is passed along; more is a ring

PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,30}")
PLAN_ID = re.compile(r"[A-Z][A-Z0-9]{1,9}")
PHONE_SENTENCE = gettext_noop("电话只能有数字、空格、括号、连字符和开头的加号，如 000-0000-0001。")


class SiteForm(forms.ModelForm):
    class Meta:
        model = Site
        fields = "__all__"

    def clean_plans(self) -> list[str]:
        plans = [plan.strip().upper() for plan in self.cleaned_data["plans"] or [] if plan.strip()]
        wrong = [plan for plan in plans if not PLAN_ID.fullmatch(plan)]
        if wrong:
            raise ValidationError(
                _("预案代号是大写字母和数字，如 HJ、KF；不认识：%(wrong)s。") % {"wrong": ", ".join(wrong)}
            )
        return list(dict.fromkeys(plans))

    def clean_duty_phone(self) -> str:
        number: str = self.cleaned_data["duty_phone"].strip()
        if number and not PHONE.fullmatch(number):
            raise ValidationError(_(PHONE_SENTENCE))
        return number


class PostForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        site = cleaned.get("site") or getattr(self.instance, "site", None)
        if site is None:
            return cleaned
        key = cleaned.get("key", self.instance.key)
        self._check_members(site, key, cleaned.get("stands_for") or [])
        self._check_next(site, key, (cleaned.get("next_post") or "").strip())
        department = cleaned.get("department")
        if department is not None and department.site_id != site.pk:
            self.add_error("department", _("部门与岗位不在同一站点。"))
        return cleaned

    def _check_members(self, site: Site, key: str, named: list[str]) -> None:
        if key in named:
            self.add_error("stands_for", _("岗位不能由它自己担任。"))
        known = set(Post.objects.filter(site=site, key__in=named).values_list("key", flat=True))
        missing = [one for one in named if one not in known]
        if missing:
            self.add_error("stands_for", _("本站没有这些岗位代号：%(keys)s。") % {"keys": ", ".join(missing)})

    def _check_next(self, site: Site, key: str, wanted: str) -> None:
        """A call that nobody answers must go somewhere else, and not come back."""
        if not wanted:
            return
        if wanted == key:
            self.add_error("next_post", _("不能上转给岗位自己。"))
            return
        passes = dict(Post.objects.filter(site=site).exclude(key=key).values_list("key", "next_post"))
        if wanted not in passes:
            self.add_error("next_post", _("本站没有这些岗位代号：%(keys)s。") % {"keys": wanted})
            return
        here, steps = wanted, 0
        while here in passes and steps < MOST_NEXT:
            here, steps = passes[here], steps + 1
        if here == key:
            self.add_error("next_post", _("这样会转回本岗位，没有人会被叫到；请换一个岗位。"))


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        site, user = cleaned.get("site"), cleaned.get("user")
        if site and user and not user.is_superuser and not Membership.objects.filter(site=site, user=user).exists():
            self.add_error("user", _("这个账号在该站点没有角色，收到通知也打不开事件；请先给它角色。"))
        department = cleaned.get("department")
        if site and department is not None and department.site_id != site.pk:
            self.add_error("department", _("部门与人员不在同一站点。"))
        return cleaned


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("from_time"), cleaned.get("to_time")
        if (starts is None) != (ends is None) and not {"from_time", "to_time"} & set(self.errors):
            self.add_error("to_time" if ends is None else "from_time", _("可用时段的起止要么都填，要么都不填。"))
        elif starts is not None and starts == ends:
            self.add_error("to_time", _("起止相同；全天可用请都留空。"))
        channel, address = cleaned.get("channel"), (cleaned.get("address") or "").strip()
        if channel is None or "address" in self.errors:
            return cleaned
        complaint = _complaint(channel, address)
        if complaint:
            self.add_error("address", complaint)
        cleaned["address"] = "" if channel == Contact.Channel.IN_APP else address
        return cleaned


def _complaint(channel: str, address: str) -> str:
    if channel in (Contact.Channel.PHONE, Contact.Channel.OFFICE) and not PHONE.fullmatch(address):
        return _(PHONE_SENTENCE)
    if channel == Contact.Channel.EMAIL:
        try:
            validate_email(address)
        except ValidationError:
            return _("这不是邮箱地址，应如 name@example.invalid。")
    return ""


class HolderForm(forms.ModelForm):
    class Meta:
        model = Holder
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        post, person = _either(cleaned, self.instance, "post"), _either(cleaned, self.instance, "person")
        if post and person and post.site_id != person.site_id:
            self.add_error("person", _("人员与岗位不在同一站点。"))
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("结束必须晚于开始。"))
        return cleaned


def _either(cleaned: Mapping[str, Any], instance: Holder, name: str) -> Any:
    """The chosen object, or in an inline, where the field is hidden, the one it hangs on."""
    if cleaned.get(name) is not None:
        return cleaned[name]
    return getattr(instance, name) if getattr(instance, f"{name}_id") else None
