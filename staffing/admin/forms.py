"""Forms of the admin with what a database constraint cannot say, each refusal in one sentence."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from staffing.models import Contact, Holder, Membership, Person, Post, Site

PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,30}")
PLAN_ID = re.compile(r"[A-Z][A-Z0-9]{1,9}")


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


class PostForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        site, named = cleaned.get("site") or getattr(self.instance, "site", None), cleaned.get("stands_for") or []
        if not named or site is None:
            return cleaned
        if cleaned.get("key", self.instance.key) in named:
            self.add_error("stands_for", _("岗位不能由它自己担任。"))
        known = set(Post.objects.filter(site=site, key__in=named).values_list("key", flat=True))
        missing = [key for key in named if key not in known]
        if missing:
            self.add_error("stands_for", _("本站没有这些岗位代号：%(keys)s。") % {"keys": ", ".join(missing)})
        return cleaned


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        site, user = cleaned.get("site"), cleaned.get("user")
        if site and user and not user.is_superuser and not Membership.objects.filter(site=site, user=user).exists():
            self.add_error("user", _("这个账号在该站点没有角色，收到通知也打不开事件；请先给它角色。"))
        return cleaned


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        channel, address = cleaned.get("channel"), (cleaned.get("address") or "").strip()
        if channel is None or "address" in self.errors:
            return cleaned
        complaint = _complaint(channel, address)
        if complaint:
            self.add_error("address", complaint)
        cleaned["address"] = "" if channel == Contact.Channel.IN_APP else address
        return cleaned


def _complaint(channel: str, address: str) -> str:
    if channel == Contact.Channel.PHONE and not PHONE.fullmatch(address):
        return _("电话只能有数字、空格、括号、连字符和开头的加号，如 000-0000-0001。")
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
