"""The command line: each command parses, calls and prints; what it calls is imported when it runs."""
