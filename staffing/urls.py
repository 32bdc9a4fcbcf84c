"""Addresses of one's own account."""

from django.urls import path

from staffing import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("me/", views.me, name="me"),
    path("me/password/", views.me_password, name="me_password"),
    path("me/theme/", views.me_theme, name="me_theme"),
    path("language/", views.language, name="language"),
]
