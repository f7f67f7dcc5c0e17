"""Least squares by libraries on JAX, an image after another: for `python -m tests.benchmarks`."""

import jax
import numpy as np

ITERATIONS = 50


def solving(peer, generator, x, starts, seen=None):
    """Return a function that solves for all latents.

    Args:
        peer: `"jaxopt"` or `"optimistix"`, each with its fastest linear solver here, Cholesky's of JᵀJ.
        generator: a Keras model on the JAX backend.
        x: images `(n, height, width, channels)`.
        starts: latents `(n, d)`.
        seen: indices of the pixels that count. Defaults to None: all.
    """
    weights = [variable.value for variable in generator.trainable_variables]
    fixed = [variable.value for variable in generator.non_trainable_variables]

    def values(image):
        image = image.reshape(-1, image.shape[-1])
        return (image if seen is None else image[seen]).ravel()

    def residual(z, y):
        return values(generator.stateless_call(weights, fixed, z[None], training=False)[0][0]) - y

    if peer == "jaxopt":
        import jaxopt

        solver = jaxopt.LevenbergMarquardt(
            residual, maxiter=ITERATIONS, materialize_jac=True, solver="cholesky", tol=1e-4, xtol=1e-7, gtol=1e-7
        )
        solve = jax.jit(lambda start, y: solver.run(start, y)[0])
    else:
        import lineax
        import optimistix

        solver = optimistix.LevenbergMarquardt(1e-5, 1e-6, linear_solver=lineax.Normal(lineax.Cholesky()))
        solve = jax.jit(lambda start, y: optimistix.least_squares(residual, solver, start, y, max_steps=ITERATIONS,
                                                                  throw=False).value)  # fmt: skip
    ys = [np.asarray(values(np.asarray(image))) for image in x]
    return lambda: jax.block_until_ready([solve(start, y) for start, y in zip(starts, ys, strict=True)])
