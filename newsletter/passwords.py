"""Passwords: config.toml names where they are, in a file or in the environment, and never holds one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from newsletter.config import Route, Source
from newsletter.errors import ConfigError


def secret(login: Route | Source, environ: Mapping[str, str], root: Path = Path()) -> str | None:
    """Return the password of who signs in somewhere, None where nobody does; ``root`` is the folder of config.toml.

    Raises:
        ConfigError: a user is named and there is no password.
    """
    if not login.user:
        return None
    if login.password_file:
        path = root / Path(login.password_file).expanduser()
        try:
            found = path.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                f"{path}: the password of {login.user} cannot be read; see to its name and rights"
            ) from None
        missing = f"{path} is empty; write the password of {login.user} into it"
    else:
        found = environ.get(login.password_env, "")
        missing = f"{login.password_env}: set this variable to the password of {login.user}, or name a password_file"
    if not found:
        raise ConfigError(missing)
    return found
