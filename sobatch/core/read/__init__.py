"""Bytes into whole orders with exact offsets: sources, decompression, windows, boundaries proved by parsing."""
