"""The verbs over ports: journal, submit, follow, collect, cancel, resolve. Everything they use is handed to them."""
