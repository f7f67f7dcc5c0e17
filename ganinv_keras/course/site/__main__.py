"""Build the site from the command line."""

import argparse
import sys

from ganinv_keras.course.site import build


def main():
    """Build the site from the command line, and say where to open it."""
    parser = argparse.ArgumentParser(description="Build the course as static HTML that opens without a network.")
    parser.add_argument("out", help="the folder to write; a site that is there already is replaced")
    parser.add_argument("--slides", action="store_true", help="also slides, of pages whose cells have slide metadata")
    parser.add_argument("--page", action="append", default=[], help="a page that you ran, to show instead; repeatable")
    arguments = parser.parse_args()
    try:
        print(f"Open {build(arguments.out, slides=arguments.slides, runs=arguments.page)} in a browser.")
    except (ModuleNotFoundError, OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
