"""A whole class in a temporary folder, played with nbgrader's own commands: from the release to the
marks.

`roster` says who the learners are and what each must get, worked out by hand; `play` plays the
class and compares.
"""
