-- rambler up
CREATE TABLE users (id bigint PRIMARY KEY, email text);

-- rambler down
DROP TABLE users;
