"""How fast texts are normalised, and how the sayings compare with another normaliser's."""
