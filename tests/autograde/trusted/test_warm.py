"""What a warm parent does once its forks are spared; and it has no thread that they would miss."""

import json
import os
import subprocess
import sys

from autograde.trusted import root

SCRIPT = """
import json, os, resource
import tensorflow as tf
from autograde.trusted.warm import preload

def first_operation():
    ours, theirs = os.pipe()
    if os.fork() == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        total = float(tf.reduce_sum(tf.constant([1.0, 2.0])))
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        os.write(theirs, json.dumps([total, faults]).encode())
        os._exit(0)
    os.wait()
    return json.loads(os.read(ours, 100))

cold = first_operation()
preload(["tensorflow"])
print(json.dumps({"cold": cold, "warm": first_operation(),
                  "threads": len(os.listdir("/proc/self/task"))}))
"""


def test_the_first_operation_of_tensorflow_has_less_to_do_in_a_fork():
    """Counted in pages of memory that it has to touch. A release of TensorFlow in which the names
    have gone that `warm` looks for would show here."""
    environment = {**os.environ, **root.environment()}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    told = json.loads(run.stdout)
    assert told["cold"][0] == told["warm"][0] == 3.0
    assert told["warm"][1] < 0.6 * told["cold"][1], told
    assert told["threads"] == 1, "a fork would wait for threads that it does not have"
