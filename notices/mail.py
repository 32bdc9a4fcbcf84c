"""The shape of a mail: plain words, the same words as simple HTML, and headers that tell machines what it is."""

from email.utils import formataddr
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notices.transports import base


def build(message: base.Message, sender: str) -> EmailMultiAlternatives:
    """The mail, with a Message-ID that is the same for every try."""
    domain = sender.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((message.person, message.address))],
        headers={
            "Message-ID": f"<{sha256(message.key.encode()).hexdigest()[:40]}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"<notices.{domain}>",
            "Content-Language": "en" if message.language == "en" else "zh-CN",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    return mail
