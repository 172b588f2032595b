"""What is installed here and what is not, what computes, where things are kept, and what is broken."""

from audition.doctor.extras import Extra, Library, extras_of
from audition.doctor.report import Device, Place, Report, examine

__all__ = ["Device", "Extra", "Library", "Place", "Report", "examine", "extras_of"]
