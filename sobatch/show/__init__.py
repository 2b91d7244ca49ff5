"""The only modules that print: prose for people, one JSON document for programs, progress for both."""
