from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_users")]

    operations = [
        migrations.RunSQL("ALTER TABLE users ADD COLUMN nick text", "ALTER TABLE users DROP COLUMN nick"),
    ]
