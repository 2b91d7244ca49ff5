"""HTTP as every ERP needs it: clients, bounded bodies, the retry rule, tokens. Names no ERP."""
