"""The stages of the normaliser: each turns one kind of writing into words and leaves the rest."""
