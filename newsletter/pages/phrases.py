"""Until pipeline/building.py imports newsletter.phrases itself."""

from newsletter.phrases import Phrases as Phrases
