"""Many submissions: which paths hold them, one result after the other, and proofs of whole
chapters."""
