"""The engine's face: what really happened on the wire. Outside code imports from here only."""
