"""Lesson 8, Inside: lateral movement, exfiltration, and what is authorised and looks like it."""
