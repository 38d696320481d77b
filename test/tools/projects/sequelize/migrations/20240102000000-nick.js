module.exports = {
  up: (queryInterface) => queryInterface.sequelize.query('ALTER TABLE users ADD COLUMN nick text'),
  down: (queryInterface) => queryInterface.sequelize.query('ALTER TABLE users DROP COLUMN nick'),
};
