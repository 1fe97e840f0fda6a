"""The check engine: what an exercise is, how an answer is judged, and how the verdict is told.

The arrows run one way: `exercise` (what an author writes) -> `cases` (plain data, computed from it)
-> `judge` (data and an answer in, a report out) -> `report` (what people read). `learner` is the
door that notebooks use; `proof` tests the checks themselves. Only NumPy and the standard library
here.
"""
