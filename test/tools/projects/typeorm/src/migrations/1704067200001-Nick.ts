import { MigrationInterface, QueryRunner } from "typeorm";

export class Nick1704067200001 implements MigrationInterface {
    name = 'Nick1704067200001'

    public async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query(`ALTER TABLE "users" ADD "nick" text`);
    }

    public async down(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query(`ALTER TABLE "users" DROP COLUMN "nick"`);
    }

}
