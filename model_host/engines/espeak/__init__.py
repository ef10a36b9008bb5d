"""eSpeak NG, in process: the embedded default engine."""
