"""Courses with few places, from the call to the roster."""
