"""What the papers of LogME, TransRate and PED claim, and what we measure: docs/claims.md is made here."""
