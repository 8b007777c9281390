"""The scripts that develop, demonstrate and check the application."""
