"""Lesson 7, Attack outcome: an attack was tried; what is proven of its success?"""
