import sys
from pathlib import Path

from infra.local.standins import serve

serve(Path(sys.argv[1]))
