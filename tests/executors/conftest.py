"""Which tests start clusters, and are left out unless asked for."""

import os

collect_ignore = [] if os.environ.get("AUDITION_CLUSTERS") == "1" else ["test_clusters.py"]
