import sys

import numpy as np
import pandas as pd
import pytest

from ganinv_keras import LevenbergMarquardt
from ganinv_keras.course import challenge
from ganinv_keras.zoo import pretrained


@pytest.fixture
def targets(tmp_path):
    challenge.make(tmp_path / "targets.npz", "swordfish", "mnist-plane", n=6)
    return tmp_path / "targets.npz"


def test_targets_are_half_drawn_and_half_held_out_and_do_not_hold_the_answer(targets):
    with np.load(targets) as file:
        assert set(file.files) == {"images", "model"} and file["images"].shape == (6, 28, 28, 1)
        images = file["images"]
    model = pretrained.load("mnist-plane")
    z = challenge.hidden(model, "swordfish", 3)
    assert np.allclose(images[:3], np.asarray(model.generator(z, training=False)), atol=1e-5)
    test = pretrained.images_of(model.settings, "test").images
    assert all(np.any(np.all(image == test, axis=(1, 2, 3))) for image in images[3:])
    assert not np.allclose(z, challenge.hidden(model, "codfish", 3))


def test_who_is_nearer_stands_higher_and_nobody_is_dropped(targets, tmp_path):
    players, model = tmp_path / "players", pretrained.load("mnist-plane")
    players.mkdir()
    with np.load(targets) as file:
        images = file["images"]
    z = LevenbergMarquardt(model.generator, model.prior).invert(images, restarts=8).z
    z[:3] = challenge.hidden(model, "swordfish", 3)
    np.savez(players / "ada.npz", z=z, seconds=12)
    np.savez(players / "ben.npz", z=np.zeros((6, 2)), seconds=0.5)
    np.savez(players / "cid.npz", z=np.zeros((5, 2)), seconds=1)
    np.savez(players / "dee.npz", z=np.full((6, 2), np.nan), seconds=1)
    np.savez(players / "eva.npz", z=np.zeros((6, 2)))
    (players / "fay.npz").write_text("not an archive")
    table = challenge.score(targets, players, "swordfish")
    assert table.player.tolist()[:2] == ["ada", "ben"] and set(table.player[2:]) == {"cid", "dee", "eva", "fay"}
    assert table.found[0] == 1 and table.found[1] == 0 and table.seconds[0] == 12
    assert table["PSNR drawn, dB"][0] > 60 > 25 > table["PSNR held out, dB"][0] > table["PSNR held out, dB"][1]
    error = np.mean((np.asarray(model.generator(np.zeros((1, 2)), training=False)) - images) ** 2)
    assert table.MSE[1] == pytest.approx(error, rel=1e-5)
    reasons = table.set_index("player").reason
    assert reasons[:2].isna().all()
    for player, words in (("cid", "shape"), ("dee", "finite"), ("eva", "seconds"), ("fay", "Error")):
        assert words in reasons[player]


def test_a_wrong_secret_and_an_empty_folder_are_named(targets, tmp_path):
    with pytest.raises(ValueError, match="another secret word"):
        challenge.score(targets, tmp_path, "codfish")
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError, match="no .npz file"):
        challenge.score(targets, tmp_path / "none", "swordfish")
    with pytest.raises(ValueError, match="argument `n`"):
        challenge.make(tmp_path / "a.npz", "x", n=1)


def test_the_command_line(targets, tmp_path, monkeypatch, capsys):
    (tmp_path / "players").mkdir()
    np.savez(tmp_path / "players" / "ben.npz", z=np.zeros((6, 2)), seconds=0.5)
    out = tmp_path / "table.csv"
    command = [
        "challenge",
        "score",
        str(targets),
        str(tmp_path / "players"),
        "--secret",
        "swordfish",
        "--out",
        str(out),
    ]
    monkeypatch.setattr(sys, "argv", command)
    challenge.main()
    assert "ben" in capsys.readouterr().out and pd.read_csv(out).player.tolist() == ["ben"]
    monkeypatch.setattr(sys, "argv", [*command[:4], "--secret", "codfish"])
    with pytest.raises(SystemExit):
        challenge.main()
    assert "another secret word" in capsys.readouterr().err
