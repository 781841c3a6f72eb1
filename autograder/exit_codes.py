"""How commands end: docs/commands.md says which ends how."""

OK, LOST_POINTS, CANNOT = 0, 1, 2
