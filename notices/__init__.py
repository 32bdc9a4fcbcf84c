"""Telling people: outbox, delivery, transports, acknowledgement."""
