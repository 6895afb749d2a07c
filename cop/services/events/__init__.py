"""The engine under every kind of event: booking, attendance and editing, each in a module of its own."""
