"""Invert a folder from the command line."""

import argparse

import keras

from ganinv_keras import EncoderInverter, HybridInverter, LatentOptimizer, LevenbergMarquardt, invert, pretrained

INVERTERS = {
    "descent": lambda made: LatentOptimizer(made.generator, made.prior, "mse"),
    "levenberg-marquardt": lambda made: LevenbergMarquardt(made.generator, made.prior),
    "encoder": lambda made: EncoderInverter(made.encoder, made.generator),
    "hybrid": lambda made: HybridInverter(made.encoder, LatentOptimizer(made.generator, made.prior, "mse")),
}


def main():
    """Read the command line, and invert."""
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.invert", description=invert.invert_folder.__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("folder", help="the folder of images")
    parser.add_argument("out", help="the folder to write to")
    parser.add_argument("--model", required=True, help="a model that ships, such as celeba-gan")
    parser.add_argument("--inverter", choices=INVERTERS, default="descent", help="defaults to descent")
    parser.add_argument("--worker", type=lambda text: tuple(map(int, text.split("/"))), metavar="I/K",
                        help="which of K commands that share the work this is, from 0")  # fmt: skip
    arguments = parser.parse_args()
    try:
        made = pretrained.load(arguments.model)
        if made.encoder is None and arguments.inverter in ("encoder", "hybrid"):
            raise ValueError(f"{arguments.model} has no encoder: choose another --inverter, or a model that has one")
        gentle = keras.optimizers.Adam(made.prior.std / 10, 0.7, 0.9)  # faster, it would leave the encoder's answer
        kwargs = {"levenberg-marquardt": {"restarts": 1}, "hybrid": {"optimizer": gentle}}.get(arguments.inverter, {})
        table = invert.invert_folder(INVERTERS[arguments.inverter](made), arguments.folder, arguments.out,
                                     worker=arguments.worker, **kwargs)  # fmt: skip
    except (OSError, ValueError) as error:
        parser.error(str(error))
    left_out = table[table.reason.notna()]
    for row in left_out.itertuples():
        print(f"left out: {row.file}: {row.reason}")
    print(f"{table.shard.notna().sum():,} of {len(table):,} files inverted, median {table.psnr.median():.1f} dB"
          + ("" if arguments.worker else f"; see sheet.html in the newest folder of {arguments.out}"))  # fmt: skip


if __name__ == "__main__":
    main()
