"""The history database: the only room that speaks SQL. One store per subject over one connection policy."""
