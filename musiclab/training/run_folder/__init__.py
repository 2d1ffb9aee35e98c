"""What lets a training survive a stop, a crash or a full disk: its folder, lock and state."""
