"""Where settings come from, and the only reader of the environment: files, variables, secrets, profiles."""
