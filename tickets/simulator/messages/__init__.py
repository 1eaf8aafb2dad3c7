"""What the two sides of a conversation say, as bytes: one file a protocol, scripts of turns."""
