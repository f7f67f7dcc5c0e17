"""Grade from the command line."""

import argparse
import sys

from ganinv_keras.course import grade


def main():
    """Read the command line, and grade."""
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.course.grade", description=grade.__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("folder", help="a folder of notebooks, or of one folder a student")
    parser.add_argument("--out", default="grades.csv", help="the CSV to write; defaults to grades.csv")
    parser.add_argument("--seconds", type=float, default=600, help="time limit of a notebook; defaults to 600")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="replace")
    try:
        grade.grade(arguments.folder, arguments.out, arguments.seconds)
    except OSError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
