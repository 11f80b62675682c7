"""The AWS account, as program and command line both ask it: with the credentials that the AWS provider would take."""
