"""The forms of one's own account: login and settings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from staffing.models import User


class LoginForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=150,
        error_messages={"required": _("请填写用户名。")},
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=1000,
        strip=False,
        error_messages={"required": _("请填写密码。")},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )


class SettingsForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", "language", "theme", "single_keys")
        widgets = {
            "name": forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
            "language": forms.RadioSelect,
            "theme": forms.RadioSelect,
            "single_keys": forms.CheckboxInput(attrs={"class": "tick"}),
        }
