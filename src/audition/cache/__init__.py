"""Features that were computed before: kept on disk, checked when read, resumed where a run stopped."""

from audition.cache.entry import Entry
from audition.cache.key import FeatureKey, arrays_digest, file_digest, samples_digest
from audition.cache.listing import CacheInfo, EntryInfo, Removed, Verified
from audition.cache.matrix import StoredMatrix
from audition.cache.recording import Recording
from audition.cache.store import Cache, default_path
from audition.errors import CacheWarning

__all__ = [
    "Cache",
    "CacheInfo",
    "CacheWarning",
    "Entry",
    "EntryInfo",
    "FeatureKey",
    "Recording",
    "Removed",
    "StoredMatrix",
    "Verified",
    "arrays_digest",
    "default_path",
    "file_digest",
    "samples_digest",
]
