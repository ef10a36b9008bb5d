"""What deploys and runs the system."""
