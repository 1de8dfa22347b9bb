"""One vendor each, one port each. They translate both ways and decide nothing."""
