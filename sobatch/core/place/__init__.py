"""Offsets into lines, columns, pointers and excerpts, and text made safe to show."""
