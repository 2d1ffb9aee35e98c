"""What stands between the readers and strangers' files: limits, checks, a process apart."""
