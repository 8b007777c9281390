"""What the templates of cases ask."""
