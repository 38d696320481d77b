-- +migrate Up notransaction
CREATE INDEX users_email ON users (email);

-- +migrate Down notransaction
DROP INDEX users_email;
