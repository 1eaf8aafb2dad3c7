"""What a sensor's parsers read in the traffic itself: from the packets that it saw, not from what the story knows."""
