"""Lesson 3, UDP and ICMP: a question and its answer, without a handshake that says which is which."""
