"""The second version of the loan: the first goes on for the loans that follow it."""
