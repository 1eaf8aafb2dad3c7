"""Lesson 5, Sensor, NAT and pipeline artefacts: what stands between the wire and the alert."""
