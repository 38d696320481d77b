-- rambler up
CREATE INDEX users_email ON users (email);

-- rambler down
DROP INDEX users_email;
