"""What must be true, and known, before anything is registered: of the account, and of the last deployment."""
