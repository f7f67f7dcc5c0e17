"""Checks of page 03: the hazard of a cutoff, the damped step, lengths on a straight line."""

import numpy as np

from ganinv_keras.course.exercises.report import exercise, expect


@exercise("03")
def check_hazard(hazard):
    """Notebook 03, exercise 1: `hazard(probability, steps)` is the per-step probability of a whole-run one."""
    probability = np.array([0.0, 0.1, 0.5, 0.999])
    for steps in (1, 50, 5000):
        found = np.asarray(hazard(probability, steps))
        expect(found.shape == probability.shape, f"Expected one value for each probability, got shape {found.shape}.")
        survived = (1 - found) ** steps
        expect(np.allclose(survived, 1 - probability, atol=1e-6),
               f"After {steps} steps {np.round(1 - probability, 3)} should be left untouched, "
               f"but it is {np.round(survived, 3)}.")  # fmt: skip


@exercise("03")
def check_damped_step(damped_step):
    """Notebook 03, exercise 2: `damped_step(J, residual, damping)` solves Levenberg–Marquardt's equations."""
    draw = np.random.default_rng(0)
    J, residual = draw.normal(size=(20, 3)) * [1.0, 10.0, 0.1], draw.normal(size=20)
    found = np.asarray(damped_step(J, residual, 0.0))
    expect(found.shape == (3,), f"One step for one latent has the shape (3,) here, got {found.shape}.")
    expected = np.linalg.lstsq(J, residual)[0]
    expect(not np.allclose(found, -expected), "The residual is x - G(z): the step has the wrong sign.")
    expect(np.allclose(found, expected), f"Without damping it is the least-squares solution {expected}, got {found}.")
    small = np.asarray(damped_step(J, residual, 1e6)) * 1e6
    expected = J.T @ residual / np.sum(J**2, axis=0)
    expect(np.allclose(small, expected, rtol=1e-3),
           "With a large damping each element should move by (Jᵀ residual)_i / (λ (JᵀJ)_ii).")  # fmt: skip


@exercise("03")
def check_line_length(line_length):
    """Notebook 03, exercise 3: `line_length(mu, d)` is the root mean square length on the line between two latents."""
    mu = np.array([0.0, 0.25, 0.5, 1.0])
    found = np.asarray(line_length(mu, 100))
    expect(found.shape == mu.shape, f"Expected one length for each μ, shape {mu.shape}, got {found.shape}.")
    expect(np.allclose(found[[0, 3]], 10), f"At the ends it is √d, 10 for d = 100, got {found[[0, 3]]}.")
    expect(not np.allclose(found, 10), "That is the length on the arc; the straight line cuts through the inside.")
    expect(np.allclose(found, 10 * np.sqrt(1 - 2 * mu + 2 * mu**2)), "The squares of independent parts add up.")
