"""The repository around the integration: versions, addresses, links, workflows."""

from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import tomllib
from typing import Any, Final
from zipfile import ZipFile

import pytest
import yaml

from custom_components.piggy.const import DOMAIN

from .conftest import ROOT, case
from .documentation import Page, in_code, keys, page, pages

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
NAME: Final = "ha-piggy"

# One run takes all of them, so either all exist or none.
SCREENSHOTS: Final = {
    "brand",
    "config-flow",
    "device",
    "idle",
    "kiosk",
    "overview",
    "page",
    "part-payment",
    "phone",
    "pin",
    "portrait",
    "thanks",
}

# The hosts that files outside the tests may name.
HOSTS: Final = {
    "api.leat.com",
    "api.piggy.eu",
    "developers.home-assistant.io",
    "github.com",
    "my.home-assistant.io",
    "www.piggy.eu",
    "www.w3.org",  # the namespace of SVG
}
# Reserved names (RFC 2606, RFC 6761, RFC 6762).
RESERVED: Final = (
    ".example",
    ".example.com",
    ".invalid",
    ".local",
    ".localhost",
    ".test",
)
# Names without a dot, and placeholders, are not public hosts.
URL: Final = re.compile(r"https?://(?:[^\s/@\"']*@)?([\w-]+(?:\.[\w-]+)+)", re.ASCII)

# Files that record where packages came from.
LOCKS: Final = {
    "Pipfile.lock",
    "npm-shrinkwrap.json",
    "pdm.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pylock.toml",
    "uv.lock",
    "yarn.lock",
}
HOME: Final = re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+|Users/\w+)/")


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files that git knows and that are there."""
    git = shutil.which("git")
    assert git
    listed = subprocess.run(  # noqa: S603 -- nothing of it comes from outside
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    names = listed.stdout.split("\0")[:-1]
    assert names
    return tuple(path for name in names if (path := ROOT / name).is_file())


@cache
def texts() -> dict[str, str]:
    """Return the content of every text by its name."""
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            found[path.relative_to(ROOT).as_posix()] = content.decode("utf-8")
    return found


def manifest() -> dict[str, Any]:
    """Return the manifest, its keys in their order."""
    loaded: dict[str, Any] = json.loads((PACKAGE / "manifest.json").read_text())
    return loaded


def owner() -> str:
    """Return the owner of the repository, or the placeholder."""
    match = re.fullmatch(
        rf"https://github\.com/([\w-]+)/{NAME}", manifest()["documentation"]
    )
    assert match
    return match[1]


def pinned(environment: str, package: str) -> str:
    """Return the version that an environment is made with."""
    match = re.search(
        rf"^{package}==(\S+)",
        (ROOT / f"requirements/{environment}.txt").read_text(),
        re.MULTILINE,
    )
    assert match
    return match[1]


# --------------------------------------------------------------------- the manifest


def test_manifest_is_sorted() -> None:
    """Domain and name come first, the rest by the alphabet, as hassfest wants it."""
    first, second, *rest = manifest()
    assert (first, second) == ("domain", "name")
    assert rest == sorted(rest)


def test_one_version() -> None:
    """Project and manifest are of one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert manifest()["version"] == project["version"]


def test_one_list_of_requirements() -> None:
    """The environments have the requirements of the manifest."""
    lines = (ROOT / "requirements/ship.in").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert manifest()["requirements"] == wanted
    for environment in ("dev", "hass", "oldest"):
        for requirement in wanted:
            package, version = requirement.split("==")
            assert pinned(environment, package) == version


def test_oldest_release() -> None:
    """HACS, the README and the tests mean the same oldest Home Assistant."""
    oldest = pinned("oldest", "homeassistant")
    assert json.loads((ROOT / "hacs.json").read_text())["homeassistant"] == oldest
    assert (
        f"Home Assistant {oldest.removesuffix('.0')} or newer" in page("README.md").text
    )
    assert oldest in (ROOT / "requirements/oldest.in").read_text()


def test_licence() -> None:
    """The project's license is the one in the file LICENSE."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (ROOT / "LICENSE").read_text().startswith(f"{project['license']} License")


# -------------------------------------------------------------------------- the owner


@pytest.mark.parametrize(
    "form",
    [
        rf"github\.com/([\w-]+)/{NAME}",
        rf"github\.com%2F([\w-]+)%2F{NAME}",
        rf"--repo ([\w-]+)/{NAME}",
        rf"--signer-workflow ([\w-]+)/{NAME}/.github/workflows/release\.yaml",
        rf"owner=([\w-]+)&repository={NAME}",
        r'"codeowners": \["@([\w-]+)"\]',
    ],
)
def test_one_owner(form: str) -> None:
    """The owner of the repository is the same everywhere."""
    found = {name for text in texts().values() for name in re.findall(form, text)}
    assert found == {owner()}


def test_owner_can_be_replaced(tmp_path: Path) -> None:
    """The command that CONTRIBUTING gives leaves no placeholder anywhere."""
    command = next(
        text for text in page("CONTRIBUTING.md").fenced("sh") if "git grep" in text
    )
    placeholder, name = re.findall(r"s/([\w-]+)/([\w-]+)/", command)[0]
    assert owner() == placeholder
    if placeholder == name:  # the command has been run, and was in its own way
        return
    for path, text in texts().items():
        copy = tmp_path / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    shell = shutil.which("bash")
    assert shell
    subprocess.run(  # noqa: S603 -- what runs is what the repository says
        [shell, "-ec", f"git init --quiet; git add .; {command}"],
        cwd=tmp_path,
        check=True,
    )
    changed = 0
    for path, text in texts().items():
        after = (tmp_path / path).read_text(encoding="utf-8")
        assert placeholder not in after, path
        assert after == text.replace(placeholder, name), path
        changed += after != text
    assert changed > 1


# ------------------------------------------------------------------ where things are


def configured_hosts() -> set[str]:
    """Return the hosts that this machine takes packages from, as far as it tells."""
    home = Path.home()
    files = [
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        home / ".config/pip/pip.conf",
        Path("/etc/uv/uv.toml"),
        home / ".config/uv/uv.toml",
        Path("/etc/npmrc"),
        home / ".npmrc",
        Path("/etc/apt/sources.list"),
        *Path("/etc/apt/sources.list.d").glob("*"),
    ]
    told = [path.read_text(errors="replace") for path in files if path.is_file()]
    told += [
        value
        for name, value in os.environ.items()
        if name.upper().startswith(("PIP_", "UV_", "NPM_CONFIG_"))
    ]
    return {host for text in told for host in URL.findall(text)}


def test_no_registry() -> None:
    """No file names a package registry of this machine."""
    for name, text in texts().items():
        for host in configured_hosts():
            assert host not in text, name


def public_hosts(text: str) -> Iterator[str]:
    """Yield the hosts in a text's addresses that can be registered."""
    for host in URL.findall(text):
        try:
            ip_address(host)
        except ValueError:
            if not f".{host.lower()}".endswith(RESERVED):
                yield host


def test_hosts() -> None:
    """Outside the tests, only the hosts in `HOSTS` are named."""
    for name, text in texts().items():
        if not name.startswith("tests/"):
            assert set(public_hosts(text)) <= HOSTS, name


def test_requirements_hold_no_address() -> None:
    """Lists of packages hold versions and hashes only."""
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            assert re.fullmatch(
                r"[a-z0-9._-]+==[\w.!+]+ \\| {4}--hash=sha256:[0-9a-f]{64}( \\)?", line
            ), f"{path.name}: {line}"
        assert path.with_suffix(".in").is_file()


def test_npm_lock_holds_no_address() -> None:
    """The lock of npm holds versions and hashes, and no address."""
    text = (ROOT / "package-lock.json").read_text()
    assert "://" not in text
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)


def test_no_lock_file() -> None:
    """No file records where packages came from."""
    assert not {path.name for path in tracked()} & LOCKS


def test_no_path_of_a_machine() -> None:
    """No file contains a path of a developer's machine."""
    for name, text in texts().items():
        assert str(ROOT) not in text, name
        assert not HOME.search(text), name


# -------------------------------------------------------------------------- the links


def test_pages_are_found() -> None:
    """The pages that the other tests go through are there."""
    names = {each.name for each in pages()}
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/actions.md"} <= names


def relative_links(of: Page) -> Iterator[tuple[Path, str]]:
    """Yield the files and anchors that a page leads to in the repository."""
    for link in of.links:
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = (of.path.parent / path).resolve() if path else of.path
            yield target, anchor


@pytest.mark.parametrize("each", pages(), ids=lambda each: each.name)
def test_links(each: Page) -> None:
    """Every link within the repository leads to a file, and to a heading in it."""
    for target, anchor in relative_links(each):
        if target.parent == ROOT / "docs/images":
            assert target.suffix == ".png"
            assert target.stem in SCREENSHOTS
            continue
        assert target.exists(), f"{each.name}: {target.name}"
        if anchor:
            assert anchor in Page(target).anchors, f"{each.name}: #{anchor}"


def test_screenshots() -> None:
    """Every screenshot is shown, and there are all or none."""
    shown = {
        target.stem
        for each in pages()
        for target, _ in relative_links(each)
        if target.parent == ROOT / "docs/images"
    }
    assert shown == SCREENSHOTS
    there = {path.stem for path in (ROOT / "docs/images").glob("*.png")}
    assert there in (set(), SCREENSHOTS)


def test_scripts_are_told() -> None:
    """CONTRIBUTING lists every script, and no other."""
    told = {row[0].strip("`") for row in page("CONTRIBUTING.md").table("Scripts")}
    assert all((ROOT / name).is_file() for name in told)
    assert told >= {name for name in texts() if name.startswith("scripts/")}


def test_folders_are_told() -> None:
    """CONTRIBUTING lists every folder of the repository, and no other."""
    told = {row[0].strip("`") for row in page("CONTRIBUTING.md").table("Folders")}
    assert all((ROOT / name).is_dir() for name in told)
    found = {name.split("/")[0] for name in texts() if "/" in name}
    # The scripts have a table of their own.
    assert {name.split("/")[0] for name in told} >= {
        name for name in found if name[0] != "."
    } - {"scripts"}


def test_modules_are_told() -> None:
    """CONTRIBUTING and its guides name files and folders that exist."""
    contributing = page("CONTRIBUTING.md")
    told = keys(contributing.table("How a session flows through the code"))
    guides = re.findall(r"^### (Add .+)$", contributing.text, re.MULTILINE)
    assert len(guides) == 5
    for guide in guides:
        section = contributing.section(guide)
        named = [name for name in in_code(section) if re.search(r"\w\.\w+$", name)]
        assert named, guide
        told += named
    folders = (PACKAGE, ROOT, ROOT / "blueprints/automation/piggy")
    for name in told:
        pattern = name.replace("<language>", "*")
        assert any(list(folder.glob(pattern)) for folder in folders), name


# ---------------------------------------------------------------------- the workflows


def workflows() -> dict[str, Any]:
    """Return the workflows by name."""
    return {
        path.stem: yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506
        for path in (ROOT / ".github/workflows").glob("*.yaml")
    }


def steps() -> Iterator[dict[str, Any]]:
    """Yield every step of every workflow."""
    for workflow in workflows().values():
        for job in workflow["jobs"].values():
            yield from job.get("steps", ())


def test_actions_are_pinned() -> None:
    """Actions in workflows are pinned by commit, with their version as a comment."""
    used = [
        line
        for name, text in texts().items()
        if name.startswith(".github/workflows/")
        for line in re.findall(r"uses: (.+)", text)
        if not line.startswith("./")
    ]
    assert len(used) > 5
    for line in used:
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # [\w.]+", line), line


def test_workflows_may_do_little() -> None:
    """Workflows have no permissions, jobs can read, and only the release can write."""
    for name, workflow in workflows().items():
        assert workflow["permissions"] == {}
        assert "group" in workflow["concurrency"]
        for key, job in workflow["jobs"].items():
            writes = "write" in job["permissions"].values()
            assert writes == ((name, key) == ("release", "release"))
    for step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


def test_workflows_call_the_scripts() -> None:
    """Workflows run the same scripts as developers."""
    (job,) = workflows()["test"]["jobs"].values()
    options = [row["options"] for row in job["strategy"]["matrix"]["include"]]
    assert options == ["", "--oldest"]
    assert job["steps"][-1]["run"] == 'scripts/test ${OPTIONS:+"$OPTIONS"}'
    commands = {step["run"] for step in steps() if "run" in step}
    assert "scripts/lint" in commands
    for command in commands:
        if command.startswith("scripts/"):
            assert os.access(ROOT / command.split()[0], os.X_OK)


# ------------------------------------------------------------------------ the package


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return what git has of this checkout, beside it."""
    git = shutil.which("git")
    assert git
    subprocess.run(  # noqa: S603 -- nothing of it comes from outside
        [git, "clone", "--quiet", "--no-local", "--depth=1", ROOT.as_uri(), "."],
        cwd=tmp_path,
        check=True,
    )
    return tmp_path


def package(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/package in a checkout."""
    return subprocess.run(  # noqa: S603 -- the same
        [folder / "scripts/package", *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )


def test_package(checkout: Path) -> None:
    """The zip holds the integration as HACS unpacks it, with the tag's version."""
    assert package(checkout, "v1.2.3b1").returncode == 0
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["zip_release"] is True
    with ZipFile(checkout / "dist" / hacs["filename"]) as archive:
        assert archive.testzip() is None
        for member in archive.infolist():
            mode = 0o40755 if member.is_dir() else 0o100644
            assert (member.create_system, member.external_attr >> 16) == (3, mode)
        stamped = json.loads(archive.read("manifest.json"))
        names = {name for name in archive.namelist() if not name.endswith("/")}
    original = json.loads(
        (checkout / PACKAGE.relative_to(ROOT) / "manifest.json").read_text()
    )
    assert stamped == original | {"version": "1.2.3b1"}
    assert list(stamped) == list(original)
    copy = checkout / "custom_components" / DOMAIN
    assert names == {
        path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()
    }


def test_package_wants_a_version(checkout: Path) -> None:
    """A tag that is not a version is refused."""
    for tag in ("v1.2", "latest", "v1.2.3-x", '1.2.3", "a": "b'):
        with case(tag):
            result = package(checkout, tag)
            assert result.returncode == 1
            assert tag.removeprefix("v") in result.stderr
            assert not (checkout / "dist").exists()
