"""The error bars of Levenberg–Marquardt beside the posterior itself, drawn by Hamiltonian Monte Carlo.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.posterior [--images N] [--noise SIGMA …]

Digits of `mnist-conditional`, whole and with noise, each of a known class. `LevenbergMarquardt.invert(noise=σ)` answers
with a mode and the standard deviations of the Laplace approximation there. TensorFlow Probability draws from the
posterior `exp(-‖G(z) - y‖² / 2σ² - ‖z‖² / 2)` that they approximate: four chains an image, which begin around the mode.
Prints a row for each noise, and writes `assets/results/benchmark_posterior.json`.
"""

import argparse
import json

import numpy as np

CHAINS, BURN_IN, DRAWS, LEAPFROGS = 4, 500, 1000, 10


def chains(log_probability, mode, root):
    """Draw from a density of `(rows, d)` by HMC, several chains a row; return draws `(draws, chains, n, d)` and R-hat.

    Args:
        log_probability: a function from latents `(chains * n, d)` to `(chains * n,)`.
        mode: where to begin, `(n, d)`.
        root: Cholesky factor of about the covariance there, `(n, d, d)`: HMC walks in `mode + root u`.
    """
    import tensorflow as tf
    import tensorflow_probability as tfp

    def place(u):
        return mode + tf.einsum("nij,...nj->...ni", root, u)

    n, d = mode.shape
    kernel = tfp.mcmc.DualAveragingStepSizeAdaptation(
        tfp.mcmc.HamiltonianMonteCarlo(
            lambda u: log_probability(tf.reshape(place(tf.reshape(u, (CHAINS, n, d))), (-1, d))),
            step_size=tf.fill((CHAINS * n, 1), 0.3),
            num_leapfrog_steps=LEAPFROGS,
        ),
        num_adaptation_steps=BURN_IN * 4 // 5,
        target_accept_prob=0.8,
    )
    start = tf.random.stateless_normal((CHAINS * n, d), (0, 0))

    @tf.function(autograph=False)
    def draw():
        return tfp.mcmc.sample_chain(DRAWS, start, kernel=kernel, num_burnin_steps=BURN_IN, trace_fn=None, seed=(0, 1))

    u = tf.reshape(draw(), (DRAWS, CHAINS, n, d))
    return place(u).numpy(), tfp.mcmc.potential_scale_reduction(u, independent_chain_ndims=1).numpy()


def main():
    """Compare, print and write."""
    import tensorflow as tf

    from ganinv_keras import LevenbergMarquardt, device, files, pretrained
    from ganinv_keras.inversion.encoder import predict
    from ganinv_keras.inversion.measurements import Pixels
    from ganinv_keras.inversion.tangents import jacobian
    from ganinv_keras.labels import one_hot

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--noise", type=float, nargs="*", default=[0.01, 0.05, 0.2])
    given = parser.parse_args()
    generator, _, prior, _ = pretrained.load("mnist-conditional")
    z, labels = np.asarray(prior.sample(given.images, 5)), np.arange(given.images) % 10
    label = one_hot(labels, generator)
    x, rows = predict(generator, [z, label]), {}
    whole = Pixels(np.arange(28 * 28))
    for sigma in given.noise:
        y = (whole(x) + np.random.default_rng(0).normal(0, sigma, (len(x), 784, 1, 1))).astype("float32")
        found = LevenbergMarquardt(generator, prior, measurement=whole).invert(y, noise=sigma, labels=labels)
        seen, classes = tf.tile(y.reshape(len(y), -1), (CHAINS, 1)), tf.tile(label, (CHAINS, 1))

        def log_probability(z, sigma=sigma, seen=seen, classes=classes):
            x = tf.reshape(generator([z, classes], training=False), seen.shape)
            return -tf.reduce_sum((x - seen) ** 2, axis=1) / (2 * sigma**2) - tf.reduce_sum(z**2, axis=1) / 2

        J = np.asarray(jacobian(generator, tf.constant(found.z), label=label), "float64")
        covariance = np.linalg.inv(J @ J.transpose(0, 2, 1) / sigma**2 + np.eye(prior.dim))
        assert np.allclose(np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)), found.std, rtol=1e-3)
        draws, r_hat = chains(log_probability, found.z, np.linalg.cholesky(covariance).astype("float32"))
        converged = r_hat.max(axis=1) < 1.05
        posterior = draws[:, :, converged].reshape(-1, converged.sum(), prior.dim)
        mode, std, truth = (array[converged] for array in (found.z, found.std, z))
        low, high = np.quantile(posterior, [0.05, 0.95], axis=0)
        rows[f"{sigma:g}"] = {
            "images": given.images, "converged": int(converged.sum()),
            "ratio of deviations": float(np.median(std / posterior.std(axis=0))),
            "from": float(np.quantile(std / posterior.std(axis=0), 0.05)),
            "to": float(np.quantile(std / posterior.std(axis=0), 0.95)),
            "mode off the mean": float(np.median(np.abs(mode - posterior.mean(axis=0)) / posterior.std(axis=0))),
            "covered": float(np.mean(np.abs(mode - truth) < 1.6449 * std)),
            "covered by HMC": float(np.mean((low < truth) & (truth < high))),
        }  # fmt: skip
        print(f"noise {sigma:g}: {rows[f'{sigma:g}']}", flush=True)
    report = {"device": device.device(), "chains": CHAINS, "draws": DRAWS, "rows": rows}
    path = files.ASSETS / "results" / "benchmark_posterior.json"
    files.write_whole(path, lambda p: p.write_text(json.dumps(report, indent=1) + "\n", "utf-8"))


if __name__ == "__main__":
    main()
