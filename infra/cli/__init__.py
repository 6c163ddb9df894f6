"""What people type: `earshot` and its commands."""
