"""A class graded side by side, with the marks that `nbgrader autograde` gives one after the other.

`course` reads nbgrader's settings and gradebook once -> `plan` says what is to be graded -> `work`
grades one submission, in a worker that no gradebook is in reach of -> `write` commits it -> `run`
holds them together with Dask. A run that is killed at any point is completed by the next.
"""
