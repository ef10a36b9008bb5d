"""Says who calls the API; API Gateway asks it before any other function."""
