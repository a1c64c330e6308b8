"""Whether programs that compile have the weakness that a scenario invites, by judges that run here."""
