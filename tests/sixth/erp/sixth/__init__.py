"""An ERP that exists in the tests alone."""
