"""A case: the value that its events leave (`state`), its statuses (`status`), how one becomes the other (`fold`)."""
