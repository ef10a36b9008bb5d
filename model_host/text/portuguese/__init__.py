"""What is known of Brazilian Portuguese: how numbers, letters and nouns are said."""
