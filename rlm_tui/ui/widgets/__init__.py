"""One widget a file: they get values, send their own messages, and know nothing above them."""
