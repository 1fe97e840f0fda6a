"""What is there for a student process: a minimal read-only root, mounted by bubblewrap.

Nothing is hidden, since nothing is put there: the interpreter and its standard library, the
distributions that the paper allows and what they need, the modules of `nnlib` that it allows, the
check engine, and the files beside the notebook. Paths inside are the same on every machine.
"""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from autograde.trusted.paper import InfrastructureError

PACKAGES = Path("/packages")
PYTHON = Path("/python")
NOTEBOOK_FILES = Path("/files")
LIBRARIES = Path("/libraries")
ALWAYS = ("IPython", "matplotlib_inline", "msgpack", "numpy")
"""What the student process itself stands on."""

_OURS = ("nnlib", "autograde")
_STUDENT_SIDE = [
    *("channel", "codec", "confine", "inplace", "operators", "servant", "shell", "student"),
    *("warm", "zygote"),
]
_SYSTEM = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def command(
    allowed: Iterable[str], preload: Iterable[str], files: Path, scratch: Path
) -> list[str]:
    """The bubblewrap command before the interpreter's own arguments.

    Parameters
    ----------
    allowed, preload
        As in `Paper`.
    files
        The folder whose files lie beside the notebook.
    scratch
        Where the filtered copies of `nnlib` and `autograde` are made.

    Raises
    ------
    InfrastructureError
        If bubblewrap is missing, or an allowed package is not installed.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise InfrastructureError(
            "bubblewrap is not installed (`apt install bubblewrap`): learners' code is not run "
            "without a sandbox"
        )
    names = [*ALWAYS, *allowed, *preload]
    outside = sorted({name.split(".")[0] for name in names} - set(_OURS))
    stdlib = Path(sysconfig.get_path("stdlib"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    interpreter = Path(sys.executable).resolve()
    args = [bwrap, "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    args += ["--unshare-ipc", "--unshare-uts", "--hostname", "notebook", "--clearenv"]
    for name, content in {**environment(), "LD_LIBRARY_PATH": str(LIBRARIES)}.items():
        args += ["--setenv", name, content]
    bind = ["--ro-bind"]
    args += [*bind, str(interpreter), str(PYTHON / "bin" / version)]
    args += [*bind, str(stdlib), str(PYTHON / "lib" / version)]
    for hidden in ("site-packages", "dist-packages"):
        if (stdlib / hidden).is_dir():
            args += ["--tmpfs", str(PYTHON / "lib" / version / hidden)]
    places = _places(tuple(outside))
    for place in places:
        args += [*bind, str(place), str(PACKAGES / place.name)]
    libraries = _libraries((interpreter, stdlib / "lib-dynload", *places))
    for library in libraries:
        known = library.startswith(("/lib", "/usr/lib"))
        args += [*bind, library, library if known else str(LIBRARIES / Path(library).name)]
    wanted = {name for name in names if name.split(".")[0] == "nnlib"}
    _copy_ours(scratch, wanted)
    for package in sorted(path.name for path in scratch.iterdir()):
        args += [*bind, str(scratch / package), str(PACKAGES / package)]
    args += [*bind, str(files), str(NOTEBOOK_FILES)]
    for device in _SYSTEM:
        args += ["--dev-bind", device, device]
    args += ["--proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/"]
    args += _identity(args)
    args += ["--remount-ro", "/"]
    targets = [Path(args[i + 2]) for i, a in enumerate(args) if a in ("--ro-bind", "--dev-bind")]
    parents = sorted({p for target in targets for p in target.parents if p != Path("/")})
    folders = [word for p in parents for word in ("--perms", "0755", "--dir", str(p))]
    args[1:1] = folders  # bubblewrap would make them for root's eyes only
    return [*args, "--", str(PYTHON / "bin" / version), "-I", "-S", "-B", "-X", "utf8"]


def environment() -> dict[str, str]:
    """All that a student process finds in its environment."""
    # One thread each: there are as many workers as cores.
    names = (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    )
    threads = dict.fromkeys(names, "1")
    cpu = {k: v for k, v in os.environ.items() if k.startswith("OPENBLAS_")}
    # A freed array's memory is kept for the next one: half of a training's page faults go.
    keep = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20)}
    return {
        **threads,
        **cpu,
        **keep,
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp",
        "KERAS_HOME": "/tmp",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # it rounds by the processor's kind, and is slower when small
        "CUDA_VISIBLE_DEVICES": "",
    }


def _identity(args: list[str]) -> list[str]:
    """Who the sandbox runs as. Root becomes nobody, inside and outside, where that can be done;
    anyone else needs a user namespace."""
    if os.getuid() != 0:
        return ["--unshare-user"]
    lower = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    probe = [args[0], "--unshare-pid", *lower, "--ro-bind", "/", "/", "true"]
    able = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    return lower if able else ["--unshare-user", "--uid", "1000", "--gid", "1000"]


@cache
def _places(packages: tuple[str, ...]) -> tuple[Path, ...]:
    """The files and folders of the distributions that give these packages, and of what those
    need."""
    from packaging.requirements import Requirement

    providers = importlib.metadata.packages_distributions()
    todo, names = [], set()
    for package in packages:
        if package in sys.stdlib_module_names:
            continue
        if package not in providers:
            raise InfrastructureError(f"the assignment allows {package!r}: it is not installed")
        todo += providers[package]
    places: dict[str, Path] = {}
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in names:
            continue
        names.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # an optional need of this machine's kind that was not installed
        record = distribution.read_text("RECORD") or ""  # `files` makes a path object of each line
        for top in {re.split("[/,]", line, maxsplit=1)[0] for line in record.splitlines()}:
            if top not in ("..", "__pycache__", ""):
                places[top] = Path(str(distribution.locate_file(top)))
        for line in distribution.requires or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                todo.append(need.name)
    return tuple(places[top] for top in sorted(places) if places[top].exists())


@cache
def _libraries(places: tuple[Path, ...]) -> tuple[str, ...]:
    """The shared libraries outside of `places` that the programs in them load."""
    objects = []
    for place in places:
        objects += [str(p) for p in place.rglob("*.so*")] if place.is_dir() else [str(place)]
    objects = [o for o in objects if ".so" in Path(o).name or "bin" in Path(o).parts]
    listing = subprocess.run(["ldd", *objects], capture_output=True, text=True, check=False).stdout
    found = set(re.findall(r"(?:=>)?\s(/\S+) \(0x[0-9a-f]+\)", listing))
    roots = tuple(f"{place}/" for place in places)
    found = {path for path in found if not path.startswith(roots)}
    # libgcc is loaded by name when a thread ends.
    beside = {Path(path).parent / "libgcc_s.so.1" for path in found}
    found |= {str(other) for other in beside if other.exists()}
    return tuple(sorted(found))


def _copy_ours(scratch: Path, modules: set[str]) -> None:
    """Copies of `autograde`'s check engine and of the allowed modules of `nnlib` with what they
    import."""
    ours = Path(__file__).parents[1]
    engine = scratch / "autograde"
    shutil.copytree(
        ours / "engine", engine / "engine", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ours / "__init__.py", engine)
    (engine / "trusted").mkdir()
    for name in _STUDENT_SIDE:
        shutil.copy(ours / "trusted" / f"{name}.py", engine / "trusted")
    (engine / "trusted" / "__init__.py").write_text("")
    if modules:
        source = ours.parent / "nnlib"
        for file in _closure(source, modules):
            target = scratch / "nnlib" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / file, target)


def _closure(source: Path, modules: set[str]) -> set[Path]:
    """The files of these modules of `nnlib`, and of the modules of it that they import."""
    chosen = {Path("__init__.py")}
    todo = []
    for module in sorted(modules):
        parts = module.split(".")[1:]
        place = source.joinpath(*parts)
        if parts and place.is_dir():
            todo += [f for f in place.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
        elif parts and place.with_suffix(".py").is_file():
            todo.append(place.with_suffix(".py"))
        elif parts:
            raise InfrastructureError(f"the assignment allows {module!r}: there is no such module")
    while todo:
        file = todo.pop()
        name = file.relative_to(source)
        if name in chosen:
            continue
        chosen.add(name)
        if file.suffix == ".py":
            todo += [f for m in _imports(file) for f in _files(source, m)]
    return chosen


def _imports(file: Path) -> Iterable[str]:
    """What a module imports when it is itself imported.

    An import inside a function is not followed: a plot that can draw an optimizer's path would
    otherwise bring the optimizers, which hold answers.
    """
    todo: list[ast.AST] = [ast.parse(file.read_bytes())]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _files(source: Path, module: str) -> list[Path]:
    parts = module.split(".")
    if parts[0] != "nnlib" or len(parts) == 1:
        return []
    place = source.joinpath(*parts[1:])
    if place.is_dir():
        return [f for f in place.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    return [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else []
