"""QtCore only: the session, its workers and settings."""
