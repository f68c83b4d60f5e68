"""What the benchmark scripts share: what is measured on, builds side by side, rows that are kept, other engines."""
