"""The customers' pages: templates with every word that they say, and their rendering."""
