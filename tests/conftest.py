"""Here so that every room of tests can import what stands beside it (`spellings`)."""
