"""Know the authority among the roles in which one attends."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('committees', '0002_day_of_opening'),
    ]

    operations = [
        migrations.AlterField(
            model_name='attendance',
            name='role',
            field=models.CharField(choices=[('owner', 'porteur de l’opération'), ('lead_service', 'service instructeur chef de file'), ('consulted', 'service consulté'), ('committee_secretary', 'secrétariat du comité'), ('committee_member', 'membre du comité'), ('sub_prefect', 'sous-préfet'), ('project_director', 'directeur de projet ERBM'), ('copil_state', 'préfet de région, coprésident du COPIL'), ('copil_region', 'président de la Région, coprésident du COPIL'), ('funder', 'service financeur'), ('authority', 'autorité qui attribue la subvention'), ('prefect', 'préfet'), ('accountant', 'comptable'), ('auditor', 'auditeur'), ('administrator', 'administrateur du logiciel')], max_length=40, verbose_name='rôle'),
        ),
    ]
