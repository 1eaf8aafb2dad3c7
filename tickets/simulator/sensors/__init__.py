"""What each sensor writes about the same packets: one file a format."""
