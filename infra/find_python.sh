#!/bin/sh
# Print a Python that runs: the first there is of the versions given. With none given, that of .venv if it is one of
# infra/pythons.txt, so that an environment keeps its Python until `make clean`; else the first there is of that list.
# A command of the right name may be there and not run, as the stand-ins of pyenv do for a version that is not chosen.
cd "$(dirname "$0")/.." || exit 1
is() { "$1" -c "import sys, $3; sys.exit('%d.%d' % sys.version_info[:2] not in '$2'.split())" 2>/dev/null; }

known=$(cat infra/pythons.txt)
if [ $# -eq 0 ] && is .venv/bin/python "$known" pip; then
    echo .venv/bin/python
    exit
fi
for version in ${*:-$known}; do
    for python in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python python3 python; do
        if is "$python" "$version" venv; then
            echo "$python"
            exit
        fi
    done
done
exit 1
