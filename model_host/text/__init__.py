"""What is done with a text before it is spoken."""
