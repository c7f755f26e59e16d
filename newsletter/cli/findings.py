"""How findings of a check are shown: one line each for people, one object for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsletter.pipeline.inspecting import Inspection
    from newsletter.proofing.finding import Finding


def as_line(finding: Finding) -> str:
    """Return a finding as one line: how bad, which check, where, what and what to do."""
    where = ", ".join(filter(None, (finding.where, finding.article)))
    return f"{finding.severity} {finding.check}: {where}: {finding.what}"


def as_object(finding: Finding) -> dict[str, str]:
    """Return what other programs rely on."""
    return {
        "severity": finding.severity.value,
        "check": finding.check,
        "file": finding.where,
        "article": finding.article,
        "what": finding.what,
    }


def inspection_object(inspection: Inspection) -> dict[str, Any]:
    """Return what was found on one list, as other programs rely on it."""
    findings = [as_object(finding) for finding in inspection.findings]
    return {
        "list": inspection.list,
        "issue": inspection.issue,
        "letters": inspection.letters,
        "findings": findings,
    }
