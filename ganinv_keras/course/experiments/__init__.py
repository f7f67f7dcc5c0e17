"""The long experiments, whose tables pages print: each is a command that goes on where it was stopped."""
