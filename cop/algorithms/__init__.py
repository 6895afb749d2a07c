"""Pure functions that decide: no database, no clock, the same answer for the same question."""
