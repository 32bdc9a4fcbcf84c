"""Wiring only: settings, urls, asgi, celery, the embedded engines and `up`; it knows no word of the domain."""
