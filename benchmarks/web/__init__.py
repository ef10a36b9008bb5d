"""What the waiting room's pages cost: bytes, time to the first call, time from desk to TV."""
