-- evolve-tx-off
CREATE INDEX users_email ON users (email);
