"""``make bench``: what the numbers of DESIGN §6 are today, as ratios against a peer in the same run."""

from __future__ import annotations

from benchmarks import articles, feeds, letters, opening, signing, wire

if __name__ == "__main__":
    letters.main()
    signing.main()
    wire.main()
    opening.main()
    articles.main()
    feeds.main()
