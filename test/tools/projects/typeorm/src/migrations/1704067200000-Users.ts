import { MigrationInterface, QueryRunner } from "typeorm";

export class Users1704067200000 implements MigrationInterface {
    name = 'Users1704067200000'

    public async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query(`CREATE TABLE "users" ("id" integer NOT NULL, "email" text NOT NULL, CONSTRAINT "PK_users" PRIMARY KEY ("id"))`);
    }

    public async down(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query(`DROP TABLE "users"`);
    }

}
