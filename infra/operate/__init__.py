"""What operators look at and set on a stage that runs: the doctor, channels, webhooks, documents, subscriptions."""
