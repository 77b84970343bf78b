"""Secrets are in files of their own, and nowhere else: not in settings, not in an environment."""

import os
from pathlib import Path

import pytest

from infra import endpoints, rayenv
from infra.settings import SECRETS, Settings, SettingsMissing

PLANTED = "planted-and-not-to-be-seen"


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_is_written_to_its_own_file_only_and_read_from_there(
    tmp_path: Path, name: str
) -> None:
    Settings.model_validate({"data": tmp_path, name: PLANTED}).save()
    found = [path for path in tmp_path.rglob("*") if PLANTED in path.read_text()]
    assert found == [tmp_path / SECRETS[name]]
    assert found[0].stat().st_mode & 0o777 == 0o600
    settings = Settings.of(tmp_path)
    assert PLANTED not in repr(settings)
    assert settings.secret(name) == PLANTED


def test_a_fresh_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    Settings(data=tmp_path / "data").save()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_mounted_secret_is_read_where_it_is_and_may_change(tmp_path: Path, name: str) -> None:
    mounted = tmp_path / "mounted"
    mounted.write_text(f"{PLANTED}\n")
    data = tmp_path / "data"
    Settings.model_validate({"data": data, f"{name}_file": mounted}).save()
    settings = Settings.of(data)
    assert settings.secret(name) == PLANTED
    mounted.write_text("another")
    assert settings.secret(name) == "another"
    assert not (data / SECRETS[name]).exists()


def test_a_secret_that_is_not_mounted_is_named_with_its_setting(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, amqp_url_file=tmp_path / "nothing")
    with pytest.raises(SettingsMissing, match=r"nothing.*OMS_AMQP_URL_FILE"):
        endpoints.amqp(settings)


def test_no_process_has_our_secrets_in_its_environment(tmp_path: Path) -> None:
    given = {f"OMS_{name.upper()}": PLANTED for name in SECRETS} | {"OMS_SHARDS": "3"}
    told = rayenv.environment(given, Settings(data=tmp_path))
    assert PLANTED not in "".join(told.values())
    assert told["OMS_SHARDS"] == "3"


@pytest.mark.parametrize("given", [{}, {"RAY_AUTH_MODE": "disabled"}])
def test_ray_always_asks_for_a_token_that_is_fresh_and_in_a_file(
    tmp_path: Path, given: dict[str, str]
) -> None:
    seen = set()
    for _ in range(2):
        told = rayenv.environment(given, Settings(data=tmp_path))
        assert told["RAY_AUTH_MODE"] == "token"
        assert "RAY_AUTH_TOKEN" not in told
        token = Path(told["RAY_AUTH_TOKEN_PATH"])
        assert token.stat().st_mode & 0o777 == 0o600
        seen.add(token.read_text())
    assert len(seen) == 2
    assert all(len(token) == 64 for token in seen)


def test_a_token_that_is_mounted_is_used(tmp_path: Path) -> None:
    mounted = {"RAY_AUTH_TOKEN_PATH": "/run/secrets/ray/auth_token"}
    told = rayenv.environment(mounted, Settings(data=tmp_path))
    assert told["RAY_AUTH_TOKEN_PATH"] == mounted["RAY_AUTH_TOKEN_PATH"]
    assert list(tmp_path.iterdir()) == []


def test_entering_takes_secrets_out_of_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*rayenv.ENVIRONMENT, "RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.setenv(name, "before")  # so that it is put back
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    monkeypatch.setenv("OMS_LINK_TOKEN", PLANTED)
    rayenv.enter(Settings(data=tmp_path))
    assert "OMS_LINK_TOKEN" not in os.environ
    assert os.environ["RAY_AUTH_MODE"] == "token"
