"""Questions that the screens of the desk ask."""
