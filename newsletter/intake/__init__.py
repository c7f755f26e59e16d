"""Raw input becomes Articles: pure, hostile until cleaned here."""
