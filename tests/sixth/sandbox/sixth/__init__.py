"""The pretend sixth ERP."""
