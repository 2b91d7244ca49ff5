"""From result lists to verdicts: fetch, match, account, close."""
