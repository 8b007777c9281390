"""What goes out with the trail: a verifier that needs nothing else, and its readme."""
