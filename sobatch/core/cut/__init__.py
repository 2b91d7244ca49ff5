"""Orders into parts: packing under all limits, durable files, the manifest and its proof."""
