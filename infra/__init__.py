"""Everything below the application: the template, the local AWS, deployment and the `earshot` command line."""
