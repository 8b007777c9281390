"""The screens of one operation, as addresses answer them."""
