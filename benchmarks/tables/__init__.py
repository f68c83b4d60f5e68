"""The Markdown table of each benchmark, from the rows that its script writes: for its own output and for README.md."""
