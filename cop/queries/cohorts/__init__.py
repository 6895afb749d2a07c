"""Reads about courses with few places: the call, applications, the panel, offers, the roster."""
