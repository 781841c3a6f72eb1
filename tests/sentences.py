"""What several tests expect to be said."""

# Between the function to start with and what its check asks.
NOT_SO_YET = ", where this is not so yet: "
