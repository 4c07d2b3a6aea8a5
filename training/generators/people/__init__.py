"""People: anny's bodies posed, dressed and given hair and hats."""
