--! Previous: -
--! Hash: sha1:a6321210ecb751c663a2f7fa5dceea2adf9c368e
--! Message: users

CREATE TABLE users (id bigint PRIMARY KEY, email text);
