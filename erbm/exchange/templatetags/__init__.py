"""What the templates say of the comments of an operation."""
