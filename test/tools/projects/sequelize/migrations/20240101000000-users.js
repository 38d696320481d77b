'use strict';

/** @type {import('sequelize-cli').Migration} */
module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.sequelize.transaction(async (transaction) => {
      await queryInterface.sequelize.query('CREATE TABLE users (id bigint PRIMARY KEY, email text)', { transaction });
    });
  },

  async down(queryInterface, Sequelize) {
    await queryInterface.sequelize.query('DROP TABLE users');
  },
};
