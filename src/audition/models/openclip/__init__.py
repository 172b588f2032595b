"""CLIPs of open_clip: a tower of pictures and a tower of texts."""
