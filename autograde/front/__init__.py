"""nbgrader stays the front door: its commands and the formgrader, with our classes plugged into its
own sockets."""
