"""The Debian package on a bare Debian 12: installed, used as its users use it, and removed.

`make test-package` runs this, after `make package`: as root, and where mounts are this process's
own. The bare Debian is in build/chroot; it is made by debootstrap once, and kept as an archive.
The AppImage and what lies beside it in dist/ are looked at, too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from florapp import __version__

ROOT = Path(__file__).resolve().parents[1]
DIST, CHROOT, ARCHIVE = ROOT / "dist", ROOT / "build/chroot", ROOT / "build/bookworm.tar"
DEB = DIST / f"florapp_{__version__}_amd64.deb"
APPIMAGE = DIST / f"FlorApp-{__version__}-x86_64.AppImage"
MOST_BYTES = 120e6
GARDENER = 1234  # a user without any right
SAMPLES = "/usr/lib/florapp/_internal/florapp/assets/samples"

#: What apt and dpkg write whatever is installed.
BOOKS = (
    "var/cache", "var/lib/apt", "var/lib/dpkg", "var/log", "etc/ld.so.cache", "root", "tmp",
    "proc", "sys", "dev", "run", "home",
)  # fmt: skip

pytestmark = pytest.mark.timeout(900)


def run(
    *command: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, env=env, cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


def inside(*command: str, user: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command on the bare Debian, with a bare environment."""
    home = "/root" if user == 0 else "/home/gardener"
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8"}
    environment["DEBIAN_FRONTEND"] = "noninteractive"
    return run("chroot", f"--userspec={user}:{user}", CHROOT, *command, env=environment)


def listing() -> set[str]:
    """Return all files of the bare Debian but those that apt keeps its books in."""
    found = set()
    for folder, folders, files in os.walk(CHROOT):
        inner = Path(folder).relative_to(CHROOT)
        folders[:] = [name for name in folders if str(inner / name) not in BOOKS]
        found |= {str(inner / name) for name in (*folders, *files)}
    return found - set(BOOKS)


@pytest.fixture(scope="module")
def bare() -> set[str]:
    """Make a bare Debian with a user on it; return the files that it has."""
    assert os.geteuid() == 0, "`make test-package` runs this as root"
    mounted = [line for line in Path("/proc/mounts").read_text().splitlines() if "chroot" in line]
    written = str(CHROOT).replace(" ", r"\040")
    assert not any(written in line for line in mounted), "something is mounted there"
    shutil.rmtree(CHROOT, ignore_errors=True)
    CHROOT.mkdir(parents=True)
    if not ARCHIVE.exists():
        run("debootstrap", "--variant=minbase", "bookworm", CHROOT)
        run("tar", "-C", CHROOT, "-cf", ARCHIVE, ".")
    else:
        run("tar", "-C", CHROOT, "-xf", ARCHIVE)
    run("mount", "-t", "proc", "proc", CHROOT / "proc")
    for folder in ("/dev", "/tmp"):  # in /tmp are the sockets of X and D-Bus, and the pictures
        run("mount", "--rbind", folder, f"{CHROOT}{folder}")
    shutil.copyfile("/etc/resolv.conf", CHROOT / "etc/resolv.conf")
    inside("useradd", "--create-home", f"--uid={GARDENER}", "gardener")
    inside("apt-get", "update")
    return listing()


@pytest.fixture(scope="module")
def installed(bare: set[str], tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Install the package; return the files that were there before."""
    package = tmp_path_factory.mktemp("deb") / DEB.name
    shutil.copyfile(DEB, package)
    inside("apt-get", "install", "-y", str(package))
    return bare


@pytest.fixture
def florapp(installed: set[str], tmp_path: Path) -> Path:
    """Return a script that runs the installed program, where it stands if that is there."""
    assert installed
    script = tmp_path / "florapp"
    script.write_text(
        "#!/bin/sh\n"
        f"exec chroot '{CHROOT}' /bin/sh -c "
        '\'cd "$0" 2>/dev/null || cd /; exec /usr/bin/florapp "$@"\' "$PWD" "$@"\n'
    )
    script.chmod(0o755)
    return script


# ----------------------------------------------------------------- what is built


def test_the_sums_are_right() -> None:
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=DIST)
    listed = {line.split()[1] for line in (DIST / "SHA256SUMS").read_text().splitlines()}
    assert listed == {file.name for file in DIST.iterdir()} - {"SHA256SUMS"}


def test_it_is_no_larger_than_promised() -> None:
    assert DEB.stat().st_size <= MOST_BYTES


def test_debians_own_judge_finds_no_error() -> None:
    if shutil.which("lintian") is None:
        pytest.skip("needs lintian")
    # It does not know zstd yet; the others are how Python and wheels are built.
    known = "malformed-deb-archive,library-not-linked-against-libc,embedded-library,no-changelog"
    known += ",unstripped-binary-or-object"
    run("lintian", "--fail-on", "error", "--suppress-tags", known, "--allow-root", DEB)


# ------------------------------------------------------------- installed and used


@pytest.mark.usefixtures("installed")
def test_the_terminal_commands_work_for_a_user_without_rights() -> None:
    home = sorted((CHROOT / "home/gardener").rglob("*"))
    version = inside("florapp", "--version", user=GARDENER)
    assert (version.stdout, version.stderr) == (f"florapp {__version__}\n", "")

    tested = inside("florapp", "self-test", user=GARDENER)
    assert "all is well" in tested.stdout
    assert tested.stderr == ""

    named = inside("florapp", "classify", "--json", f"{SAMPLES}/sunflower.jpg", user=GARDENER)
    assert json.loads(named.stdout)["predictions"][0]["id"] == "sunflower"
    assert named.stderr == ""
    assert sorted((CHROOT / "home/gardener").rglob("*")) == home  # nothing is kept, nor reported


def test_its_window_is_used_by_hand_as_the_checkouts_is(florapp: Path) -> None:
    tests = [ROOT / "tests/e2e" / name for name in ("test_pictures.py", "test_one_window.py")]
    environment = os.environ | {"FLORAPP_PROGRAM": str(florapp)}
    print(run(sys.executable, "-m", "pytest", "-q", *tests, env=environment, cwd=ROOT).stdout)


def test_the_camera_works(florapp: Path) -> None:
    camera = ROOT / "tests/e2e/test_camera.py"
    environment = os.environ | {"FLORAPP_PROGRAM": str(florapp)}
    print(run(sys.executable, "-m", "pytest", "-q", camera, env=environment, cwd=ROOT).stdout)


@pytest.mark.usefixtures("installed")
def test_the_desktop_finds_it() -> None:
    run("appstreamcli", "validate-tree", "--no-net", CHROOT)
    run("desktop-file-validate", CHROOT / "usr/share/applications/florapp.desktop")
    icons = CHROOT / "usr/share/icons/hicolor"
    assert (icons / "scalable/apps/florapp.svg").is_file()
    assert {path.name for path in icons.glob("*x*") if (path / "apps/florapp.png").is_file()} >= {
        "16x16", "32x32", "48x48", "128x128", "256x256",
    }  # fmt: skip
    assert (CHROOT / "usr/share/man/man1/florapp.1.gz").is_file()


@pytest.mark.usefixtures("installed")
def test_nothing_is_in_it_that_should_not_be() -> None:
    names = [name.lower() for name in inside("dpkg", "-L", "florapp").stdout.splitlines()]
    for word in ("tensorflow", "keras", "x265", "/training", "/tests", "pytest", "webengine"):
        assert not [name for name in names if word in name], word


@pytest.mark.usefixtures("installed")
def test_everything_bundled_is_listed_and_has_its_licence() -> None:
    doc = CHROOT / "usr/share/doc/florapp"
    bill = json.loads((doc / "florapp.cdx.json").read_text())
    listed = {part["name"] for part in bill["components"]}
    assert {"Python", "flowers103", "numpy", "onnxruntime", "pillow", "pi_heif"} <= listed
    licences = {path.name for path in (doc / "licences").iterdir() if any(path.iterdir())}
    qts = {name for name in listed if name.lower().startswith(("pyside6", "shiboken6"))}
    assert qts
    assert listed - qts - {"flowers103"} <= licences
    assert {"Qt", "FlorApp", "model"} <= licences


def test_removed_it_leaves_nothing_behind_but_the_users_own(installed: set[str]) -> None:
    mine = CHROOT / "home/gardener/.config/FlorApp/settings.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("{}\n")

    inside("apt-get", "purge", "--autoremove", "-y", "florapp")

    assert "florapp" not in inside("dpkg", "--list").stdout
    assert mine.exists()
    left = sorted(name for name in listing() if "florapp" in name.lower())
    assert left == []
    # Nor is there anything in /usr or /home of which no package that stays knows.
    lists = (CHROOT / "var/lib/dpkg/info").glob("*.list")
    known = {line.removeprefix("/usr") for file in lists for line in file.read_text().splitlines()}
    new = {name for name in listing() - installed if name.startswith(("usr/", "home/", "opt/"))}
    unknown = {name for name in new if f"/{name}".removeprefix("/usr") not in known}
    assert unknown <= {"usr/local/share/ca-certificates"}  # made by that package, which stays


# ------------------------------------------------------------------- the AppImage


def bare_environment(home: Path) -> dict[str, str]:
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "TMPDIR")
    bare = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
    return bare | dict.fromkeys(names, str(home))


def fuse_mounts(folder: Path) -> list[str]:
    mounts = Path("/proc/mounts").read_text().splitlines()
    return [line for line in mounts if "fuse" in line and str(folder) in line]


def is_clean(folder: Path) -> bool:
    return not fuse_mounts(folder) and not list(folder.glob(".florapp-*"))


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_the_appimage_is_mounted_while_it_runs_and_leaves_nothing(tmp_path: Path) -> None:
    environment = bare_environment(tmp_path)
    done = run(APPIMAGE, "self-test", env=environment)
    assert "all is well" in done.stdout
    assert done.stderr == ""
    with subprocess.Popen([APPIMAGE], env=environment, stderr=subprocess.PIPE) as window:
        wait_until(lambda: bool(fuse_mounts(tmp_path)))
        time.sleep(5)
        assert window.poll() is None
        window.terminate()
        assert window.communicate()[1] == b""
    wait_until(lambda: is_clean(tmp_path))


def test_without_fuse_the_appimage_unpacks_itself_and_leaves_nothing(tmp_path: Path) -> None:
    home = Path("/tmp") / f"florapp-test-{os.getpid()}"  # pytest's folders are root's alone
    home.mkdir(0o777)
    home.chmod(0o777)
    image = home / "a copy.AppImage"
    try:
        shutil.copy(APPIMAGE, image)
        user: Sequence[str] = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        done = run(*user, image, "classify", ROOT / "assets/samples/rose.jpg",
                   env=bare_environment(home) | {"PATH": "/usr/bin:/bin"})  # fmt: skip
        assert "Rose" in done.stdout
        failed = subprocess.run(
            [*user, image, "classify", "gone.jpg"],
            env=bare_environment(home), capture_output=True, check=False,
        )  # fmt: skip
        assert failed.returncode == 1
        wait_until(lambda: is_clean(home))
    finally:
        shutil.rmtree(home)


def test_the_appimage_unpacks_on_demand(tmp_path: Path) -> None:
    run(APPIMAGE, "--appimage-extract", cwd=tmp_path)
    run("diff", "-r", "--no-dereference", ROOT / "build/AppDir", tmp_path / "squashfs-root")
    root = tmp_path / "squashfs-root"
    run("desktop-file-validate", root / "florapp.desktop")
    run("appstreamcli", "validate-tree", "--no-net", root)


@pytest.fixture(scope="module", autouse=True)
def nothing_stays_mounted() -> Iterator[None]:
    """Unmount the bare Debian's folders, for whoever runs this without `unshare`."""
    yield
    for folder in ("tmp", "dev", "proc"):
        subprocess.run(["umount", "--lazy", CHROOT / folder], check=False, capture_output=True)
