"""Tests in a real Chromium: one browser for all of this folder."""
