"""Who owns a client: what IAM says of its role or user, and which part of a report is whose."""
