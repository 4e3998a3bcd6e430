"""What authors run: execute notebooks, derive exercises, check the book, renew the lock."""
