"""Measurements: how fast the parts are beside what people use today. `make bench` runs them."""
