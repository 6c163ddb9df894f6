"""The local stage, whole: the stack on an emulator, stand-ins for the platforms, a webhook followed to its case."""
