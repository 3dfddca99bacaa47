"""Hands by name: what a style is, where it lies, and how any ink becomes one."""

KIND, VERSION = "handwriting-style", 1
"""of a style's file"""
