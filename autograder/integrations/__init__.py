"""Other people's tools, one module each."""
