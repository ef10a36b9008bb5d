"""What is done with samples: checks, resampling, codecs."""
