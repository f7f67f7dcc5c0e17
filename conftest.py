"""Tests and pages run at smoke scale, on what the repository ships, and write into a folder of their own."""

import os
import tempfile

_outputs = tempfile.TemporaryDirectory(prefix="ganinv-tests-")
os.environ |= {
    "GANINV_OUTPUT_DIR": _outputs.name,
    "GANINV_PRECISION": "float32",
    "GANINV_SCALE": "smoke",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "TFDS_DATA_DIR": _outputs.name,
    "TQDM_DISABLE": "1",
}
os.environ.pop("GANINV_DATA_DIR", None)

import ganinv_keras  # noqa: E402, F401  loads TensorFlow without its start-up messages
