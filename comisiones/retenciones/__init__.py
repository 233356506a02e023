"""Tax withheld from payments: a table with dates."""
