"""Make the book's environment in .venv if it is not there, then run a command in it.

    python3 tools/bootstrap.py lab           open the book in JupyterLab
    python3 tools/bootstrap.py run pytest    run a program of the environment

Needs nothing but Python. A Python that is too old must be able to read this file to be
told so, hence no syntax that is newer than the sentence it gets.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PROGRAMS = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(PROGRAMS, "python.exe" if os.name == "nt" else "python")
LOG = os.path.join(VENV, "install.log")
# One of the two stands in every .venv made here. READY holds what it was made from.
READY = os.path.join(VENV, "mlpbook-ready")
UNFINISHED = os.path.join(VENV, "mlpbook-unfinished")

OLDEST = (3, 11)
NEWEST_TESTED = (3, 13)
# Also the pip section of environment.yml; a test compares the two.
INSTALL = ["-r", "requirements.txt", "-e", "."]
# Measured with a CPU build of torch: 1.8 GB, and archives are unpacked beside it.
FREE_GIGABYTES = 3


def main(arguments):
    """Prepare the environment and run the command that `arguments` names."""
    if sys.version_info[:2] < OLDEST:
        stop(
            "The book needs Python 3.11 or newer, and this is Python %d.%d. "
            "Name a newer one, for example: make lab PYTHON=python3.12" % sys.version_info[:2]
        )
    commands = {"lab": run_lab, "run": run_program}
    if not arguments or arguments[0] not in commands:
        stop("Say what to do: lab, or run and the name of a program.")
    if not is_ready():
        prepare()
    return commands[arguments[0]](arguments[1:])


def run_lab(options):
    """Open JupyterLab on the rendered README."""
    # JupyterLab hides stored figures of notebooks that it was not told to trust.
    notebooks = sorted(glob.glob(os.path.join(ROOT, "*", "*.ipynb")))
    subprocess.call([program("jupyter"), "trust"] + notebooks, stdout=subprocess.DEVNULL)
    say("Opening JupyterLab. Its address stands below; Ctrl-C stops it.")
    command = ["jupyter", "lab", "--LabApp.default_url=/lab/tree/README.md"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container the reader is often root, whom JupyterLab refuses by default.
        command.append("--allow-root")
    return run_program(command + options)


def run_program(command):
    """Run a program of the environment from the book's folder; return its exit code."""
    try:
        return subprocess.call([program(command[0])] + command[1:], cwd=ROOT)
    except KeyboardInterrupt:
        return 130


def prepare():
    """Make .venv, or bring it up to the lock. Only a finished one is marked ready."""
    refuse_unfit_machine()
    if os.path.exists(READY) and works() and made_from()[0] == VENV:
        say("The lock has changed: bringing .venv up to it.")
        os.replace(READY, UNFINISHED)
    else:
        remove_unusable()
        say("Making the environment in .venv, once. It takes a few minutes.")
        make_venv()
    install_packages()
    with open(UNFINISHED, "w") as mark:
        mark.write("\n".join(fingerprint()))
    os.replace(UNFINISHED, READY)
    say("The environment is ready.")


def is_ready():
    """Whether .venv was finished here, from the lock as it is now, and still starts."""
    return os.path.exists(READY) and made_from() == fingerprint() and os.path.exists(PYTHON)


def works():
    """Whether the environment's Python starts: it does not once its base is removed."""
    try:
        return subprocess.call([PYTHON, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def fingerprint():
    """What decides the content of .venv: its place, which scripts hold, and the lock."""
    digest = hashlib.sha256()
    names = ["requirements.txt", "pyproject.toml"]
    # JupyterLab's settings are copied into .venv, not read from here.
    names += sorted(glob.glob(os.path.join(ROOT, "jupyter", "*", "*", "*", "*.json")))
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as source:
            # Line ends differ between checkouts of the same commit.
            digest.update(source.read().replace(b"\r\n", b"\n"))
    return [VENV, digest.hexdigest()]


def made_from():
    """The fingerprint that the finished .venv was made from."""
    with open(READY) as mark:
        return mark.read().split("\n")


def refuse_unfit_machine():
    """Stop with one sentence where no environment can be made."""
    version = "%d.%d" % sys.version_info[:2]
    if sys.version_info[:2] > NEWEST_TESTED:
        say("Python %s is newer than those the book is tested with, 3.11 to 3.13." % version)
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop(
            "This Python has no venv module. On Debian and Ubuntu, run: "
            "sudo apt install python%s-venv" % version
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < FREE_GIGABYTES:
        stop(
            "The environment needs %d GB of disk and %.1f GB are free here. "
            "Make room, then run the same command again." % (FREE_GIGABYTES, free)
        )


def remove_unusable():
    """Remove a .venv made here that was cut off, moved or lost its Python; no other."""
    if not os.path.exists(VENV):
        return
    if not os.path.exists(UNFINISHED) and not os.path.exists(READY):
        stop(
            "There is a .venv here that this command did not make. "
            "Rename or remove it, then run the same command again."
        )
    say("Removing a .venv that is unfinished or was moved.")
    shutil.rmtree(VENV)


def make_venv():
    """Make an empty environment, marked as unfinished before anything else."""
    try:
        os.mkdir(VENV)
        open(UNFINISHED, "w").close()
        subprocess.check_call([sys.executable, "-m", "venv", VENV])
    except (OSError, subprocess.CalledProcessError) as error:
        stop("Python could not make an environment in .venv: %s" % error)


def install_packages():
    """Install the lock and the book, counting packages as they come."""
    with open(os.path.join(ROOT, "requirements.txt")) as lock:
        total = sum(1 for line in lock if "==" in line)
    say("Installing about %d packages; the full log is .venv/install.log." % total)
    command = [PYTHON, "-m", "pip", "install", "--progress-bar=off"] + INSTALL
    with open(LOG, "w") as log:
        pip = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
        )
        collected = 0
        for line in pip.stdout:
            log.write(line)
            if line.startswith("Collecting "):
                collected += 1
                report(collected, total, line.split()[1])
            elif line.startswith("Installing collected packages"):
                say("\nAll are here; unpacking them (the longest step, a minute or two).")
    if pip.wait() != 0:
        stop_on_failed_install()


def report(done, total, name):
    """Show how far the installation is: on one line, or now and then in a log."""
    if sys.stdout.isatty():
        sys.stdout.write("\r  %d of %d: %-50.50s" % (done, total, name))
        sys.stdout.flush()
    elif done % 25 == 0:
        say("  %d of %d" % (done, total))


def stop_on_failed_install():
    """Say in one sentence why pip failed, as far as its log tells."""
    with open(LOG) as log:
        text = log.read()
    if "No space left on device" in text or "Errno 28" in text:
        stop("The disk is full. Make room, then run the same command again.")
    errors = [line for line in text.splitlines() if line.startswith("ERROR:")]
    stop(
        "pip could not install the lock (%s). See .venv/install.log; "
        "the next run starts afresh." % (errors[-1] if errors else "it gave no reason")
    )


def program(name):
    """The path of a program of the environment."""
    return os.path.join(PROGRAMS, name + ".exe" if os.name == "nt" else name)


def say(sentence):
    """Tell the reader what is being done, at once."""
    print(sentence)
    sys.stdout.flush()


def stop(sentence):
    """End with one sentence that says what to do."""
    sys.exit(sentence)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        stop("Stopped. The next run picks it up.")
