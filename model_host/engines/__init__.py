"""What speaks: the `Engine` protocol and the engines behind it."""
