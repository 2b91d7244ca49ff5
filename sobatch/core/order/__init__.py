"""What an ERP declares about its orders (struct, rules, limits, codes), and the canonical form that recognises one."""
