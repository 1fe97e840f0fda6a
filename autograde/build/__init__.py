"""From what authors write (`solutions/`) to what learners open (`course/`), the same to the byte
every time.

`module` finds and reads a module's sources, `inspect` refuses those that contradict themselves,
`notebook` turns a text into a notebook, `release` lets nbgrader write the student version,
`rehearse` runs it as a learner who has not begun. `run` is the order of these steps.
"""
