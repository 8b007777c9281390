"""The screens that span several applications, as addresses answer them."""
