"""PED's motion as it is drawn."""

import numpy as np
import pytest

from audition import ped_trajectory
from audition.reporting.motion import CLASSES, ROWS, motion

RNG = np.random.default_rng(0)
LABELS = [i % 3 for i in range(90)]
FEATURES = RNG.normal(size=(90, 6)) + np.eye(6)[LABELS]


@pytest.fixture(scope="module")
def found():
    return motion("m", "last", FEATURES, LABELS, tsne=True)


def test_the_energy_is_that_of_the_trajectory(found):
    trajectory = ped_trajectory(FEATURES, LABELS)
    assert found.energy == tuple(trajectory.energy) and found.moves == tuple(trajectory.moves)
    assert found.energy[-1] < found.energy[0]


def test_a_picture_a_step_by_pca_and_by_tsne(found):
    assert [frames.how for frames in found.frames] == ["PCA", "t-SNE"]
    for frames in found.frames:
        assert len(frames.rows) == len(frames.centres) == len(found.energy)
        assert {len(rows) for rows in frames.rows} == {90} and {len(each) for each in frames.centres} == {3}
        shares = np.array(frames.rows)
        assert shares.min() >= 0 and shares.max() <= 1


def test_rows_move_with_their_class(found):
    pca = found.frames[0]
    moved = np.array(pca.rows[-1]) - np.array(pca.rows[0])
    centres = np.array(pca.centres[-1]) - np.array(pca.centres[0])
    assert np.abs(centres).max() > 0.01
    np.testing.assert_allclose(moved, centres[list(found.codes)], atol=3e-4)  # four decimals are kept


def test_centres_part(found):
    def apart(centres):
        centres = np.array(centres)
        return np.linalg.norm(centres[:, None] - centres, axis=2).sum()

    pca = found.frames[0]
    assert apart(pca.centres[-1]) > apart(pca.centres[0])


def test_the_same_rows_in_every_run():
    many = RNG.normal(size=(2000, 3))
    labels = [i % 4 for i in range(2000)]
    one, two = (motion("m", "l", many, labels, tsne=False) for _ in range(2))
    assert one == two and len(one.codes) == ROWS and one.of == 2000
    other = motion("m", "l", many, labels, tsne=False, seed=1)
    assert other.frames != one.frames


def test_a_rare_class_is_not_left_out():
    labels = ["a"] * 1000 + ["b"] * 1000 + ["c"]
    found = motion("m", "l", RNG.normal(size=(2001, 3)), labels, tsne=False)
    assert set(found.codes) == {0, 1, 2}


def test_one_column():
    found = motion("m", "l", RNG.normal(size=(30, 1)), [i % 2 for i in range(30)], tsne=False)
    assert np.isfinite(np.array(found.frames[0].rows)).all()


def test_what_cannot_be_drawn():
    assert motion("m", "l", FEATURES, RNG.normal(size=90), tsne=False) is None
    many = CLASSES + 1
    assert (
        motion("m", "l", RNG.normal(size=(2 * many, 2)), [i % many for i in range(2 * many)], tsne=False)
        is None
    )
