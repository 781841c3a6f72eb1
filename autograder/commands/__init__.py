"""The commands: each reads its options, makes one call, and says in words what came of it."""
