import { Migration } from '@mikro-orm/migrations';

export class Migration20240102000000 extends Migration {
  override async up(): Promise<void> {
    this.addSql(`ALTER TABLE users ADD COLUMN nick text`);
  }

  override async down(): Promise<void> {
    this.addSql(`ALTER TABLE users DROP COLUMN nick`);
  }

}
