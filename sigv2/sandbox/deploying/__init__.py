"""Deploys the program: runs it in the SDK's own runtime, and creates what it registers through AWS APIs."""
