"""Lesson 1, Who started it: whose packet opened the conversation."""
