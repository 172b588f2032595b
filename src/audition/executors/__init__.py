"""Work in other processes and on other machines: pieces, who does them, and how they come back."""

from audition.executors.dask_cluster import DaskCluster
from audition.executors.line import Line, check_executor
from audition.executors.piece import Cut, Done, Look, Piece, Sent, Shard, Summed, sent, whole_batches
from audition.executors.pools import Processes
from audition.executors.ray_cluster import RayCluster
from audition.executors.worker import compute, unreadable

__all__ = [
    "Cut",
    "DaskCluster",
    "Done",
    "Line",
    "Look",
    "Piece",
    "Processes",
    "RayCluster",
    "Sent",
    "Shard",
    "Summed",
    "check_executor",
    "compute",
    "sent",
    "unreadable",
    "whole_batches",
]
