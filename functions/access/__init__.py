"""Who calls: bearer tokens, what each may do, and what an authorizer tells of a caller."""
