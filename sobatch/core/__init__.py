"""The pure core: streams of bytes in, orders, problems, plans and parts out. No network, terminal or clock."""
