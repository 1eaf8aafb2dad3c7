"""What each sensor makes of a scene, by the names that scenario files use."""
