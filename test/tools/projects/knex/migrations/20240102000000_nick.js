exports.up = async (knex) => {
  await knex.schema.raw('ALTER TABLE users ADD COLUMN nick text');
};

exports.down = async (knex) => {
  await knex.schema.raw('ALTER TABLE users DROP COLUMN nick');
};
