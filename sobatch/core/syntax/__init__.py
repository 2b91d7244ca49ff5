"""Broken JSON explained: what is wrong, where, and how to mend it. Loaded only for text that does not parse."""
