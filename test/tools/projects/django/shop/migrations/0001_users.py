from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            sql="CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL)",
            reverse_sql="DROP TABLE users",
        ),
    ]
