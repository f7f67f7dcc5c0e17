import imageio.v3 as imageio
import numpy as np
import pytest

from ganinv_keras.course import plots


def test_tile_by_hand():
    images = np.array([0.0, 0.25, 1.0], "float32").reshape(3, 1, 1, 1)
    g = 0.5
    assert plots.tile(images, 2)[..., 0].tolist() == [
        [g, g, g, g, g, g],
        [g, 0.0, g, g, 0.25, g],
        [g, g, g, g, g, g],
        [g, g, g, g, g, g],
        [g, 1.0, g, g, g, g],
        [g, g, g, g, g, g],
    ]


@pytest.mark.parametrize("channels", [1, 3])
def test_animation_keeps_every_frame(tmp_path, channels):
    frames = [np.full((4, 8, 8, channels), value, "float32") for value in (0.0, 0.5, 1.0)]
    path = plots.animation(frames, tmp_path / "film.gif", columns=2, zoom=2)
    film = imageio.imread(path)
    assert film.shape[:3] == (3, 40, 40)
    assert [round(float(frame[10, 10].mean())) for frame in film] == pytest.approx([0, 127, 255], abs=2)


def test_an_animation_of_one_frame_is_a_picture(tmp_path):
    path = plots.animation([np.zeros((1, 8, 8, 1), "float32")], tmp_path / "still.gif", columns=1, zoom=1)
    assert imageio.imread(path, index=0).shape[:2] == (10, 10)
