"""What the service holds about a person, what a copy of it gives, and what becomes of it when they ask to be erased."""
