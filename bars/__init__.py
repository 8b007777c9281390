"""What the trail promises, tried by the thousand: `make bars`."""
