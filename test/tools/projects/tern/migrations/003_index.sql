---- tern: disable-tx ----
CREATE INDEX users_email ON users (email);

---- create above / drop below ----

DROP INDEX users_email;
