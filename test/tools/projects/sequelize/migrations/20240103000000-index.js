module.exports = {
  up: async (queryInterface) => {
    await queryInterface.sequelize.query(`CREATE INDEX CONCURRENTLY users_email ON users (email)`);
  },
  down: async (queryInterface) => {
    await queryInterface.sequelize.query(`DROP INDEX CONCURRENTLY users_email`);
  },
};
