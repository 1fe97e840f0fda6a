# A Linux on which submissions can be graded, for those whose own machine cannot isolate them.
# From the course's root:
#
#     docker build -t neural-networks-course .
#     docker run --rm -it --network none --user "$(id -u):$(id -g)" -v "$PWD:/course" \
#         --security-opt seccomp=unconfined --security-opt systempaths=unconfined \
#         --security-opt apparmor=unconfined \
#         neural-networks-course autograde grade 05_softmax_network
#
# Without a command, it is `autograde doctor` that runs, and says whether the options suffice.
# Podman takes the same ones, and --userns=keep-id besides.
#
# Each submission runs in namespaces of its own, made inside the container without root. Three of
# the container's own walls stand in the way: the seccomp filter forbids new namespaces; covered
# paths in /proc keep the kernel from mounting another /proc; AppArmor, where there is one, forbids
# every mount (this option alone we could not try). A submission has its own filter, and a stricter.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/course
COPY . .
RUN pip install --no-cache-dir -r requirements.txt

# Whoever owns the course on the host has no home in here. The course that is mounted brings its own
# nnlib and autograde: they come before those of the image.
ENV HOME=/tmp PYTHONPATH=/course
USER 1000:1000
WORKDIR /course
CMD ["autograde", "doctor"]
