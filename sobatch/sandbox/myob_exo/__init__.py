"""A pretend MYOB EXO: three headers, XML unless JSON is asked for, and a bare 500 for over-long text."""
