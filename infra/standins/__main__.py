import sys
from pathlib import Path

from infra.standins.local import serve

serve(Path(sys.argv[1]))
