"""Lesson 2, Did it succeed: what became of an attempt."""
