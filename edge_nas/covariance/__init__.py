"""One covariance, four uses: penalty, redundancy report, choice of channels, repair."""
