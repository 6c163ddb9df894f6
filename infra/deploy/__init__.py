"""How a stage is made, on AWS and on the emulator: stacks, packages, layers, IAM policies, the edge."""
