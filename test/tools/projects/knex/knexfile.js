// The database's URL comes from the environment, as in production.
const url = process.env.DATABASE_URL ?? '';

module.exports = {
  client: 'pg',
  connection: url,
  migrations: { directory: './migrations' },
};
