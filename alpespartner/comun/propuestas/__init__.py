"""What one person asks for and another confirms: proposals, for every app."""
