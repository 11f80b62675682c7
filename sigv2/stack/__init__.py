"""A stack, as Pulumi knows it or, without the Pulumi CLI, as the files say; and the AWS account that it is in."""

from sigv2.stack.stack_reader import PROJECT_DIRECTORY, read_stack, read_stack_files
from sigv2.stack.stack_value import Stack, StackError

__all__ = ["PROJECT_DIRECTORY", "Stack", "StackError", "read_stack", "read_stack_files"]
