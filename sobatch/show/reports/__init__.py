"""The formats that other programs read: SARIF, workflow logs, JUnit."""
